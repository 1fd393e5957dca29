// What elementwise kernels call beside CUDA's own functions: a NaN stays a NaN.

template <typename T> __device__ __forceinline__ T infinity() { return T(1e300) * T(1e300); }
template <typename T> __device__ __forceinline__ T not_a_number() { return infinity<T>() - infinity<T>(); }

template <typename T> __device__ __forceinline__ T lesser_of(T a, T b) { return a != a || a < b ? a : b; }
template <typename T> __device__ __forceinline__ T greater_of(T a, T b) { return a != a || a > b ? a : b; }

template <typename T> __device__ __forceinline__ T sign_of(T a) { return a > T(0) ? T(1) : a < T(0) ? T(-1) : a; }
