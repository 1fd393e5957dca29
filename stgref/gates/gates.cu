// A layer of gates, forward and back. Above this text stand the types
//
//   X, D, N   of the input and what is gated, of its cotangent, of noise: float or double
//   W         to compute in: float or double
//
// how many PARAMETERS a gate has and SLOPES it is asked for, whether there is noise (NOISE), whether elements share
// gates (INDEXED), whether sums are compensated (COMPENSATED), and the gate itself, written down by its law's kernel:
//
//   W gate(W n, const W* theta);
//   W gate_and_slopes(W n, const W* theta, W* slope);
//
// A thread has one element of an example, and so one gate, and takes every chunks-th example. Neighbours read
// neighbouring memory, whatever the number of gates, and no order of additions depends on the GPU.

struct Place {
  long long row, element;
  W theta[PARAMETERS];
  int gate;

  __device__ __forceinline__ Place(const W* all, const int* index, long long elements, int gates) {
    const long long thread = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    row = thread / elements;
    element = thread % elements;
#if INDEXED
    gate = index[element];
#else
    gate = (int)element;
#endif
#pragma unroll
    for (int k = 0; k < PARAMETERS; ++k) theta[k] = all[k * (long long)gates + gate];
  }
};

#if NOISE
#define NOISE_OF(row) W(noise[(row) * (long long)gates + place.gate])
#else
#define NOISE_OF(row) W(0)
#endif

// Terms of single precision are sums of double precision without more ado.
#if COMPENSATED
#define ADD(sum, term) (sum).add(term)
#else
#define ADD(sum, term) (sum).value += (term)
#endif

extern "C" __global__ void forward(const X* __restrict__ x, const N* __restrict__ noise, const W* __restrict__ theta,
                                   const int* __restrict__ index, X* __restrict__ gated, long long batch,
                                   long long elements, int gates, long long chunks) {
  if (blockIdx.x * (long long)blockDim.x + threadIdx.x >= chunks * elements) return;
  const Place place(theta, index, elements, gates);
#pragma unroll 4
  for (long long row = place.row; row < batch; row += chunks) {
    const long long i = row * elements + place.element;
    gated[i] = X(W(x[i]) * gate(NOISE_OF(row), place.theta));
  }
}

// To `sums`, of shape (chunks, SLOPES, elements): of each chunk and element, x d times each slope.
extern "C" __global__ void pullback(const X* __restrict__ x, const D* __restrict__ d, const N* __restrict__ noise,
                                    const W* __restrict__ theta, const int* __restrict__ index, X* __restrict__ d_input,
                                    double* __restrict__ sums, long long batch, long long elements, int gates,
                                    long long chunks) {
  if (blockIdx.x * (long long)blockDim.x + threadIdx.x >= chunks * elements) return;
  const Place place(theta, index, elements, gates);
  Sum sum[SLOPES];
#pragma unroll
  for (int k = 0; k < SLOPES; ++k) sum[k] = Sum{0.0, 0.0};
#pragma unroll 4
  for (long long row = place.row; row < batch; row += chunks) {
    const long long i = row * elements + place.element;
    W slope[SLOPES];
    const W d_element = W(d[i]), z = gate_and_slopes(NOISE_OF(row), place.theta, slope);
    const W d_gate = W(x[i]) * d_element;
    d_input[i] = X(d_element * z);
#pragma unroll
    for (int k = 0; k < SLOPES; ++k) ADD(sum[k], double(d_gate * slope[k]));
  }
#pragma unroll
  for (int k = 0; k < SLOPES; ++k) sums[(place.row * SLOPES + k) * elements + place.element] = sum[k].total();
}
