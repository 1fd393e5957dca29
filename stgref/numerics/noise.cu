// Base noise drawn on the device: Philox 4x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011), each block of four words by its own number, so that an element's noise depends on the
// key and on its place only. Above this text stands `typedef float T;` or `typedef double T;`.

struct Words {
  unsigned int w[4];
};

__device__ __forceinline__ Words philox(unsigned long long block, unsigned int key0, unsigned int key1) {
  unsigned int a = (unsigned int)block, b = (unsigned int)(block >> 32), c = 0, d = 0;
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const unsigned int high0 = __umulhi(0xD2511F53u, a), low0 = 0xD2511F53u * a;
    const unsigned int high1 = __umulhi(0xCD9E8D57u, c), low1 = 0xCD9E8D57u * c;
    a = high1 ^ b ^ key0;
    b = low1;
    c = high0 ^ d ^ key1;
    d = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {{a, b, c, d}};
}

// A uniform number u = (k + 1/2) / 2^bits, as the nearer end's distance min(u, 1 - u), and which end that is.
struct Uniform {
  T nearer;
  bool upper;
};

// Four numbers of 32 bits from a block, or two of 52.
struct Single {
  enum { EACH = 4 };
  typedef float4 Vector;
  __device__ __forceinline__ static Uniform of(const Words& words, int i) {
    const unsigned int k = words.w[i];
    const bool upper = k >> 31;
    return {(T(upper ? ~k : k) + T(0.5)) * T(2.3283064365386963e-10), upper};
  }
  // Of 23 bits, so that neither u nor 1 - u is rounded.
  __device__ __forceinline__ static T exact(const Words& words, int i) {
    return (T(words.w[i] >> 9) + T(0.5)) * T(1.1920928955078125e-07);
  }
};

struct Double {
  enum { EACH = 2 };
  typedef double2 Vector;
  __device__ __forceinline__ static unsigned long long bits(const Words& words, int i) {
    return ((unsigned long long)words.w[2 * i + 1] << 32 | words.w[2 * i]) >> 12;
  }
  __device__ __forceinline__ static Uniform of(const Words& words, int i) {
    const unsigned long long k = bits(words, i), last = (1ull << 52) - 1;
    const bool upper = k >> 51;
    return {(T(upper ? last - k : k) + T(0.5)) * T(2.220446049250313e-16), upper};
  }
  __device__ __forceinline__ static T exact(const Words& words, int i) {
    return (T(bits(words, i)) + T(0.5)) * T(2.220446049250313e-16);
  }
};

template <int size> struct OfSize;
template <> struct OfSize<4> { typedef Single Numbers; };
template <> struct OfSize<8> { typedef Double Numbers; };
typedef OfSize<sizeof(T)>::Numbers Numbers;

// u is clamped to [eps, 1 - eps] by compressing it.
__device__ __forceinline__ T logistic_of(const Words& words, int i, T eps) {
  const Uniform u = Numbers::of(words, i);
  const T nearer = eps + (T(1) - T(2) * eps) * u.nearer, value = log(nearer / (T(1) - nearer));
  return u.upper ? -value : value;
}

__device__ __forceinline__ T normal_of(const Words& words, int i, T eps) {
  const Uniform u = Numbers::of(words, i);
  const T value = normcdfinv(u.nearer);
  return u.upper ? -value : value;
}

__device__ __forceinline__ T gumbel_of(const Words& words, int i, T eps) {
  const Uniform u = Numbers::of(words, i);
  return -log(-(u.upper ? log1p(-u.nearer) : log(u.nearer)));
}

// As above; with eps = 0 nothing is rounded.
__device__ __forceinline__ T uniform_of(const Words& words, int i, T eps) {
  return eps + (T(1) - T(2) * eps) * Numbers::exact(words, i);
}

// A thread has a block of words, and writes what comes of it at once.
#define DRAW(base)                                                                                                     \
  extern "C" __global__ void base(T* __restrict__ out, long long size, unsigned int key0, unsigned int key1,            \
                                  double eps) {                                                                        \
    const long long block = blockIdx.x * (long long)blockDim.x + threadIdx.x, first = block * Numbers::EACH;            \
    if (first >= size) return;                                                                                         \
    const Words words = philox(block, key0, key1);                                                                     \
    alignas(16) T value[Numbers::EACH];                                                                                          \
    for (int i = 0; i < Numbers::EACH; ++i) value[i] = base##_of(words, i, T(eps));                                    \
    if (first + Numbers::EACH <= size) {                                                                               \
      *reinterpret_cast<Numbers::Vector*>(out + first) = *reinterpret_cast<Numbers::Vector*>(value);                   \
    } else {                                                                                                           \
      for (int i = 0; first + i < size; ++i) out[first + i] = value[i];                                                \
    }                                                                                                                  \
  }

DRAW(logistic)
DRAW(normal)
DRAW(gumbel)
DRAW(uniform)
