"""The command ``stgref explain``."""

import pytest

from stgref.cli import main
from stgref.explain import command


def run(capsys, *arguments):
    try:
        status = main(["explain", *arguments])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    return status, out, err


ARGUMENTS = {
    "kumaraswamy": "--a 1.5 --b 2",
    "hard-kumaraswamy": "--a 1.5 --b 2",
    "gaussian-gates": "--mu 0.4",
}
ARGUMENTS |= {"bernoulli": "--logits 0.3", "rectified-gaussian": "--mu 0.4"}
ARGUMENTS |= dict.fromkeys(("logistic", "normal", "gumbel"), "--loc 1")
ARGUMENTS |= dict.fromkeys(("binary-concrete", "hard-concrete", "binary-concrete-gates"), "--log-alpha 0.3")


def arguments(name):
    return [name, *ARGUMENTS.get(name, "--logits 0.3 -1").split()]


@pytest.mark.parametrize("name", command.subjects())
@pytest.mark.parametrize("kind", command.FORMATS)
def test_everything_is_explained_in_every_format(capsys, name, kind):
    status, out, err = run(capsys, *arguments(name), "--format", kind)
    assert (status, err) == (0, "")
    assert "What stgref returns" in out


def test_without_a_subject_all_are_listed(capsys):
    status, out, _ = run(capsys)
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(command.subjects())


def test_the_numbers_of_the_example(capsys):
    _, out, _ = run(capsys, "hard_concrete", "--log-alpha", "0.3", "--noise", "0.5")
    assert "v     = (n + log_alpha) / temperature = (0.5 + 0.3) / 0.666667 = 1.2\n" in out
    assert "dz/dlog_alpha   = dz/dz_bar * dz_bar/dv * dv/dlog_alpha = 1 * 0.213473 * 1.5 = 0.32021\n" in out
    assert "grad_transform.log_alpha   = 0.32021\n" in out


def test_what_is_drawn_is_drawn_of_the_seed(capsys):
    one, same, other = (run(capsys, *arguments("arm"), "--seed", seed)[1] for seed in "112")
    assert one == same != other


def test_negative_numbers_are_numbers_however_they_are_written(capsys):
    assert run(capsys, "bernoulli", "--logits", "-1e-3")[0] == 0
    assert run(capsys, "disarm", "--logits", "-1e-3", "-.5", "--digits", "3")[0] == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nothing", "there is no 'nothing' to explain"),
        ("hard-concrete", "required: --log-alpha"),
        ("hard-concrete --log-alpha nan", "--log-alpha: takes a finite number, got 'nan'"),
        (
            "hard-concrete --log-alpha 1 --temperature -1",
            "temperature must be finite and greater than 0, got -1.0",
        ),
        ("hard-concrete --log-alpha 1 --lower 0.5", "lower must be"),
        ("hard-concrete --log-alpha 1 --digits 0", "digits must be 1 to 17, got 0"),
        ("kumaraswamy --a 1 --b 2 --noise 1.5", "noise must be a uniform number"),
        ("kumaraswamy --a 1 --b 2 --noise 0", "nothing to explain"),
        ("rloo --logits 1 --k 1", "k must be 2 or more, got 1"),
        ("rloo --logits 1 --k 9", "k must be 4 or less, got 9"),
        ("rloo --logits 1 2 --noise 1", "noise takes 4 numbers, got 1"),
        ("arm --logits 1 2 3 4 5", "logits takes 1 to 4 numbers, got 5"),
        ("arm --logits 1 2 --target 1 2 3", "target takes 2 numbers, one for each logit, got 3"),
        ("rebar --logits 1 --temperature 0", "temperature must be finite and greater than 0, got 0.0"),
        ("rebar --logits 1 --coupling loose", "invalid choice: 'loose'"),
        ("disarm --logits 1 --seed -1", "takes a whole number of 0 or more, got '-1'"),
        ("logistic --scale 1 --shape 2", "unrecognized arguments: --shape 2"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_2(capsys, line, words):
    status, out, err = run(capsys, *line.split())
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("stgref explain")
    assert words in err
