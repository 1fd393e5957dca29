"""The ground: array libraries, kernels made public, elementary functions, noise, quadrature."""
