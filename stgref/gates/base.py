"""What all gate layers do: the forward pass, its pullback, test-time values."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any, ClassVar

import numpy as np

from stgref.gates import on_cupy, rules
from stgref.gates.call import Call, as_working, kept, prepare, promoted_dtype, returned, working_dtype
from stgref.gates.configured import Configured
from stgref.gates.family import Rule
from stgref.gates.prune import SHAPES, prune
from stgref.gates.pullback import Pullback
from stgref.gates.settings import FINITE
from stgref.gates.setup import Setup, rows_of
from stgref.numerics import arguments, on_device
from stgref.numerics import namespace as ns
from stgref.numerics import noise as draws
from stgref.numerics.libraries import DRAWS, EVERYWHERE, READS, Support
from stgref.numerics.namespace import Array
from stgref.numerics.transport import from_host


class StochasticGates(Configured):
    """A layer of random gates, one law with its own parameters for each; see the three kinds."""

    libraries: ClassVar[dict[str, Support]] = {
        "forward": EVERYWHERE,
        "forward without noise": DRAWS,
        "vjp": EVERYWHERE,
        "vjp without noise": DRAWS,
        "get_gate_values": EVERYWHERE,
        "get_gate_active_probs": EVERYWHERE,
        "from_pretrained": EVERYWHERE,
        "state_dict": EVERYWHERE,
        "load_state_dict": READS,
        "prune": SHAPES,
    }

    prune = prune

    def __call__(
        self, x: Array, noise: Array | None = None, **parameters: Array | float
    ) -> tuple[Array, Array]:
        """As `forward`."""
        return self.forward(x, noise, **parameters)

    def forward(
        self, x: Array, noise: Array | None = None, **parameters: Array | float
    ) -> tuple[Array, Array]:
        r"""Gate the input.

        .. math:: y = z\, x + (1 - z)\, \text{fill}, \quad \ell = \text{reduce}_g\; w_g\, P(z_g > 0)

        A gate multiplies: 0 times NaN is NaN, and so is 0 times an infinity, as in Captum.

        The law's parameters may be given for one call, under their names: then the layer is a pure function of what it is
        given, and of its settings. A parameter with a batch axis has a number for each gate of each example, as a network
        makes them of its input. The penalty is then the mean of the examples' penalties,

        .. math:: \ell = \frac{1}{B} \sum_{b=1}^B \text{reduce}_g\; w_g\, P(z_{bg} > 0)

        so that parameters that are the same for each example give the penalty that they give without the batch axis; that
        of no examples is 0.

        Parameters
        ----------
        x : array of shape (batch, ...)
            Input. Without a mask, each example has ``n_gates`` elements; with one, the mask broadcasts to an example.
        noise : array of shape (batch, n_gates) or (n_gates,), optional
            Base noise of the law: one row per example, or with ``noise_sharing="batch"`` one row for all. Drawn from the
            gates' own ``rng`` by default. In evaluation there is no noise: what is given is checked and not used.
        **parameters : array of shape (n_gates,) or (batch, n_gates)
            Parameters of the law for this call, in the place of the gates' own of the same names; those that are not
            trained may also be numbers.

        Returns
        -------
        gated : array
            Input times gates, of the input's shape, library, device and dtype. Integers and bools are promoted to the
            dtype of the gates' parameter.
        l0_reg : array
            Penalty, of the dtype of ``gated``: a scalar, or for ``reg_reduction="none"`` of shape (n_gates,), with
            parameters that have a batch axis (batch, n_gates).

        Raises
        ------
        TypeError
            If an array is not real, or not of the library and device of the gates' parameter; if there is no parameter of
            a name; or if noise would be drawn while the call is traced, as under `jax.jit`.
        ValueError
            If a shape is not as above, or a parameter or noise is out of its range.
        """
        with np.errstate(all="ignore"):
            call = self._call("forward", x, noise, **parameters)
            return call.gated(), call.l0_reg()

    def vjp(
        self, x: Array, noise: Array | None = None, **parameters: Array | float
    ) -> tuple[tuple[Array, Array], Pullback]:
        """Gate the input, and return how to pull cotangents back.

        Nothing is kept on the gates, so that calls may overlap, also in threads.

        Parameters
        ----------
        x, noise, **parameters : array
            As in `forward`. In evaluation the derivatives are those of the test-time value.

        Returns
        -------
        (gated, l0_reg) : tuple of arrays
            As `forward` returns them, to the last bit.
        pullback : callable
            ``pullback(d_gated, d_l0_reg=1.0)`` returns the cotangents of the input and of the law's parameters, of those
            that were given here in their place; see `stgref.gates.pullback.Pullback`.

        Raises
        ------
        TypeError, ValueError
            As `forward`.
        """
        with np.errstate(all="ignore"):
            call = self._call("vjp", x, noise, **parameters)
            if call.twin is None:
                call = kept(call, noise)
                return (call.gated(), call.l0_reg()), Pullback(call)
            (gated, point), (active, partials) = call.twin.vjp(), call.active()
            out = gated.reshape(call.x.shape), call.l0_reg(active)
            return out, Pullback(kept(call, None), point, partials)

    def get_gate_values(
        self, clamp: bool = True, rule: str = "louizos", **parameters: Array | float
    ) -> Array:
        r"""Test-time values of the gates by a named rule.

        ``"louizos"`` is the value that evaluation uses and that Captum calls the mean. ``"median"`` and ``"mean"`` are
        those of the gate's law, exactly. ``"mode"`` is 0 or 1 where that atom outweighs both the other atom and the
        interior, and the mean elsewhere. ``"threshold"`` is 1 where :math:`P(z > 0) > 1/2`, else 0. ``"scaled"`` exists
        for the binary concrete law only: :math:`\sigma(0.8 \log\alpha / \text{temperature})`.

        Parameters
        ----------
        clamp : bool, default True
            False for the value before clipping to [0, 1], which ``"louizos"``, ``"median"`` and ``"mean"`` have.
        rule : str, default "louizos"
            Name of the rule.
        **parameters : array of shape (n_gates,) or (batch, n_gates)
            Parameters of the law in the place of the gates' own, as in `forward`.

        Returns
        -------
        array of shape (n_gates,) or (batch, n_gates)
            Gate values, of the library, device and dtype of the parameter.

        Raises
        ------
        TypeError
            If ``clamp`` is no bool, or ``rule`` no word; of parameters, as `forward`.
        ValueError
            If there is no such rule for these gates, or not before clipping; of parameters, as `forward`.
        """
        where = f"{type(self).__name__}.get_gate_values"
        clamp = arguments.flag(where, "clamp", clamp)
        return self._by_rule("get_gate_values", rules.find(where, self.family, rule, clamp=clamp), parameters)

    def get_gate_active_probs(self, **parameters: Array | float) -> Array:
        """Probabilities that the gates are open, P(z > 0), accurate in both tails.

        Parameters
        ----------
        **parameters : array of shape (n_gates,) or (batch, n_gates)
            Parameters of the law in the place of the gates' own, as in `forward`.

        Returns
        -------
        array of shape (n_gates,) or (batch, n_gates)
            Probabilities, of the library, device and dtype of the parameter.

        Raises
        ------
        TypeError, ValueError
            Of parameters, as `forward`.
        """
        law = self.family.law
        return self._by_rule("get_gate_active_probs", lambda theta: law.prob_active(*theta), parameters)

    def _setup(self, method: str, parameters: dict[str, Any]) -> Setup:
        where = f"{type(self).__name__}.{method}"
        own = self._parameters(where, parameters)
        rows = rows_of(where, own) if parameters else None
        shown = self.reg_weight, self.reg_reduction, self.fill
        return Setup(where, self.family, self.__dict__["mask"], own, *shown, rows)

    def _parameters(self, where: str, given: dict[str, Any]) -> dict[str, Array | float]:
        """The law's parameters for a call: those that are ``given`` for it, else the gates' own."""
        names = self.family.names
        if unknown := [name for name in given if name not in names]:
            raise TypeError(f"{where}: parameters are {', '.join(names)}, got {', '.join(unknown)}")
        own: dict[str, Array | float] = {}
        for name in names:
            setting, own[name] = getattr(type(self), name), getattr(self, name)
            if name in given:
                own[name] = setting.for_call(self, where, given[name])
            elif setting.domain is not FINITE and not isinstance(own[name], float):
                # An array may have been changed in place since it was set.
                arguments.inside(where, name, own[name], setting.domain)
        return own

    def _call(self, method: str, x: Any, noise: Any, /, **parameters: Any) -> Call:
        setup = self._setup(method, parameters)
        x = setup.input(x)
        shared = self.noise_sharing == "batch"
        shape = (self.n_gates,) if shared else (int(x.shape[0]), self.n_gates)
        if noise is not None:
            noise = setup.real_array("noise", noise)
            words = (
                f'{"(n_gates,)" if shared else "(batch, n_gates)"} with noise_sharing="{self.noise_sharing}"'
            )
            arguments.shape(setup.where, "noise", noise, shape, words)
            if self.family.noise is not None:
                arguments.inside(setup.where, "noise", noise, self.family.noise)
        if not self.training:
            return prepare(setup, x, None, None, by_example=False)
        if noise is not None:
            return prepare(setup, x, noise, None, by_example=not shared)
        DRAWS.check(setup.where, (x, *setup.own.values()))
        stream = self._stream(setup, x)
        call = prepare(setup, x, None, partial(self._drawn, stream, setup, x, shape), by_example=not shared)
        return dataclasses.replace(call, stream=self._stream_name(stream))

    def _stream(self, setup: Setup, x: Array) -> str:
        """The stream of the gates' own noise for a pass."""
        if self._noise_stream != "single":
            return self._noise_stream
        dtype = promoted_dtype(setup, {"x": x, **setup.own})
        narrow = self.family.base in draws.SINGLE and ns.bits(setup.xp, dtype) <= 32
        return "single" if narrow else "host"

    def _stream_name(self, stream: str) -> str:
        if stream == "device":
            return on_device.STREAM
        name = f"numpy-{type(self._rng.bit_generator).__name__}"
        return f"{name}-single" if stream == "single" else name

    def _drawn(self, stream: str, setup: Setup, x: Array, shape: tuple[int, ...], working: Any) -> Array:
        """Noise from the gates' own stream: on the device in the precision that a pass has there, else in ``working``."""
        xp = setup.xp
        eps: float = getattr(self, "eps", 0.0)
        if stream == "device":
            dtype = on_cupy.working_dtype(xp, (x, *setup.own.values()))
            return on_device.draw(xp, self.family.base, shape, self._rng, dtype, setup.device, eps)
        if stream == "single":
            host = draws.single_noise(self.family.base, shape, self._rng, eps)
        else:
            host = self._draw(shape, working if ns.is_numpy(xp) else np.float64)
        return from_host(xp, host, working, setup.device)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """Base noise on the host, drawn in double precision and rounded to NumPy's ``dtype``."""
        raise NotImplementedError

    def _by_rule(self, method: str, rule: Rule, parameters: dict[str, Any]) -> Array:
        setup = self._setup(method, parameters)
        working = working_dtype(setup, setup.own)
        with np.errstate(all="ignore"):
            value = rule(tuple(as_working(setup.xp, value, working) for value in setup.own.values()))
            return returned(setup.xp, value, setup.parameter.dtype)
