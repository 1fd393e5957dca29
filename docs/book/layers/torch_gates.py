"""A hard concrete gate in PyTorch, checked."""

import torch

from stgref.conformance import validate

PARAMETERS = ("log_alpha", "temperature", "lower", "upper")


def gate(noise, log_alpha, temperature, lower, upper):
    s = torch.sigmoid((noise + log_alpha) / temperature)
    return torch.clamp((upper - lower) * s + lower, 0, 1)


def penalty(log_alpha, temperature, lower, upper):
    return torch.sigmoid(log_alpha - temperature * torch.log(-lower / upper))


def better_gate(noise, log_alpha, temperature, lower, upper):
    v = (noise + log_alpha) / temperature
    return torch.clamp(upper * torch.sigmoid(v) + lower * torch.sigmoid(-v), 0, 1)


def better_penalty(log_alpha, temperature, lower, upper):
    return torch.exp(torch.nn.functional.logsigmoid(log_alpha - temperature * torch.log(-lower / upper)))


def value(f):
    """The function f of tensors as one of NumPy arrays."""
    return lambda *args: f(*map(torch.tensor, args)).numpy()


def gradient(f, names):
    """Its partial derivatives by autograd, by name."""

    def grad(*args):
        leaves = [torch.tensor(arg, requires_grad=True) for arg in args]
        f(*leaves).sum().backward()
        return {name: leaf.grad.numpy() for name, leaf in zip(names, leaves, strict=True)}

    return grad


def subject(gate, penalty):
    return {
        "hard_concrete.transform": value(gate),
        "hard_concrete.grad_transform": gradient(gate, ("noise", *PARAMETERS)),
        "hard_concrete.prob_active": value(penalty),
        "hard_concrete.grad_prob_active": gradient(penalty, PARAMETERS),
    }


# What is claimed: gates as they are in training.
domain = {"log_alpha": (-10, 10), "noise": (-8, 8), "temperature": (0.1, 2)}

for title, layer in (("as written", (gate, penalty)), ("better", (better_gate, better_penalty))):
    report = validate(subject(*layer), domain=domain, rng=0, functions="hard_concrete.*")
    print(title, "passed" if report.passed else "failed")
    for function in sorted({check.function for check in report.checks if check.status == "fail"}):
        print("   wrong:", function)
