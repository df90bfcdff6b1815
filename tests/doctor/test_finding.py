from topner.doctor.finding import Finding, examine, line


def test_a_check_that_fails_is_a_problem_and_the_others_go_on():
    def broken():
        yield Finding("a", "ok", "甲")
        raise OSError("libtorch_cpu.so:\nno such file")

    found = list(examine([("torch", broken), ("b", lambda: [Finding("b", "ok", "乙")])]))
    assert [(f.name, f.state) for f in found] == [("a", "ok"), ("torch", "problem"), ("b", "ok")]
    assert found[1].said == "OSError: libtorch_cpu.so:"
    assert "install again" in found[1].todo


def test_lines():
    assert line(Finding("disk", "ok", "很多")) == f"ok       disk{'':18}  很多"
    shown = line(Finding("disk", "problem", "满了", "make room"))
    assert shown.startswith("problem  disk")
    assert shown.endswith("\n" + " " * 33 + "-> make room")
