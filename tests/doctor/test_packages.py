from importlib.metadata import version

import topner
from topner.doctor.packages import check_packages, check_python


def states(wanted, constraints):
    return {finding.name: finding for finding in check_packages(wanted, constraints)}


def test_what_is_installed_here(tmp_path):
    found = states(None, tmp_path / "none")
    assert found["packages"].state == "ok"
    assert not [finding for finding in found.values() if finding.state == "problem"]
    assert any(topner.__version__ in finding.said for finding in check_python())


def test_missing_and_old_packages(tmp_path):
    found = states(
        ["topner-is-not-there>=1", "numpy<1", "click>=8", 'nothing-here>=1; python_version < "3"'], tmp_path / "none"
    )
    assert set(found) == {"topner-is-not-there", "numpy"}
    assert found["topner-is-not-there"].said == "is not installed"
    assert found["numpy"].state == "problem"
    assert version("numpy") in found["numpy"].said
    assert found["numpy"].todo == "pip install 'numpy<1'"


def test_an_extra_that_lacks_something_is_no_problem(tmp_path):
    found = states(["click", 'gone-for-good>=1; extra == "tables"', 'numpy; extra == "plots"'], tmp_path / "none")
    assert found["packages"].state == "ok"
    assert found["extra tables"].state == "warning"
    assert "topner[tables]" in found["extra tables"].todo
    assert found["extra plots"].state == "ok"


def test_versions_other_than_the_tested_ones(tmp_path):
    pins = tmp_path / "constraints.txt"
    pins.write_text(f"# tested\nClick=={version('click')}\n", encoding="utf-8")
    assert states(["click", "numpy"], pins)["tested versions"].state == "ok"
    pins.write_text("click==1.0  # old\nnumpy==0.1\n", encoding="utf-8")
    found = states(["click", "numpy"], pins)["tested versions"]
    assert found.state == "warning"
    assert "click" in found.said
    assert "numpy" in found.said
