// Sums without an error of rounding, but for one at the end.

struct Sum {
  double value, error;

  // What the sum loses, by Knuth's two-sum, is summed beside it.
  __device__ __forceinline__ void add(double term) {
    const double sum = value + term, part = sum - value;
    error += (value - (sum - part)) + (term - part);
    value = sum;
  }

  // An infinite sum has an error that is no number.
  __device__ __forceinline__ double total() const { return error - error == 0.0 ? value + error : value; }
};

// From terms of shape (rows, columns) to sums of shape (folded, columns): each of the folded-th rows.
extern "C" __global__ void fold(const double* __restrict__ terms, double* __restrict__ sums, long long columns,
                                long long rows, long long folded) {
  const long long thread = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (thread >= folded * columns) return;
  const long long column = thread % columns;
  Sum sum = {0.0, 0.0};
  for (long long row = thread / columns; row < rows; row += folded) sum.add(terms[row * columns + column]);
  sums[thread] = sum.total();
}
