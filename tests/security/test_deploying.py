"""What docs/deploying.md and the runbooks tell people to type exists in the templates."""

import re
from pathlib import Path

import pytest

from infra.local.paths import ROOT
from infra.local.sam.template import ROOT_TEMPLATE, load
from tests.security.template_resources import resources, templates

GUIDE = ROOT / "docs" / "deploying.md"
TEXTS = [GUIDE, ROOT / "README.md", *sorted((ROOT / "docs" / "runbooks").glob("*.md"))]
ROOT_STACK = load(ROOT_TEMPLATE)
each_text = pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)


def plain(name: str) -> str:
    return re.sub(r"<stage>|\$STAGE|\$\{Stage\}", "<stage>", name)


def names(kind: str, key: str) -> set[str]:
    return {plain(one.properties[key]["Fn::Sub"]) for one in resources(kind)}


def test_the_table_of_parameters_is_that_of_the_template() -> None:
    table = GUIDE.read_text().partition("| parameter | what |")[2].partition("\n\n")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    told = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]

    assert len(told) == len(set(told))
    assert set(told) == set(ROOT_STACK["Parameters"])


def test_overrides_name_parameters() -> None:
    for text in (GUIDE, ROOT / "samconfig.toml"):
        for line in re.findall(r'parameter_overrides = "(.*)"', text.read_text()):
            assert set(re.findall(r"(\w+)=", line)) <= set(ROOT_STACK["Parameters"]), text.name


def test_a_condition_in_the_prose_names_a_parameter_and_a_value_it_takes() -> None:
    for name, value in re.findall(r"`([A-Z]\w+)=([^`]*)`", GUIDE.read_text()):
        assert value in ROOT_STACK["Parameters"][name]["AllowedValues"]


def test_outputs_that_the_guide_names_exist() -> None:
    text = GUIDE.read_text()
    told = set(re.findall(r"`(\w+(?:ApiUrl|ApiId)|DomainTarget\w*)`", text)) | set(re.findall(r"output `(\w+)`", text))
    assert "DomainTarget" in told
    assert told - set(ROOT_STACK["Parameters"]) <= set(ROOT_STACK["Outputs"])


@each_text
def test_functions_and_alarms_that_people_are_told_of_exist(text: Path) -> None:
    invoked = {plain(name) for name in re.findall(r"--function-name (\S+)", text.read_text())}
    named = re.findall(r"`(falachefe-<stage>-(?:admin|auth|crews|whatsapp|platform)-[a-z-]+)`", text.read_text())
    functions = names("AWS::Lambda::Function", "FunctionName")
    alarms = {
        plain(one.properties["AlarmName"]["Fn::Sub"])
        for one in resources("AWS::CloudWatch::Alarm")
        if "AlarmName" in one.properties
    }
    assert invoked <= functions
    assert set(named) <= functions | alarms | names("AWS::DynamoDB::Table", "TableName")


@each_text
def test_secrets_that_people_are_told_of_exist(text: Path) -> None:
    told = {plain(name) for name in re.findall(r"falachefe/(?:<stage>|\$STAGE)/[a-z/-]+(?:<id>)?", text.read_text())}
    assert told <= names("AWS::SecretsManager::Secret", "Name") | {"falachefe/<stage>/channel/<id>"}


def test_the_guide_tells_of_every_secret() -> None:
    text = plain(GUIDE.read_text())
    assert [name for name in names("AWS::SecretsManager::Secret", "Name") if name not in text] == []


def test_what_is_left_behind_is_all_that_the_templates_keep() -> None:
    """Whoever takes a stage down must know what stays, and under which name."""
    last = plain(GUIDE.read_text().partition("## Taking a stage down")[2])
    for kind, key in (("AWS::S3::Bucket", "BucketName"), ("AWS::DynamoDB::Table", "TableName")):
        for one in resources(kind):
            kept = templates()[one.path]["Resources"][one.name]["DeletionPolicy"] != "Delete"
            name = plain(one.properties[key]["Fn::Sub"]).replace("${AWS::AccountId}", "<account>")
            assert (name in last) == kept


@each_text
def test_links_between_texts_lead_somewhere(text: Path) -> None:
    for link in re.findall(r"\]\((?!http|#)([^)#]+)", text.read_text()):
        assert (text.parent / link).exists(), f"{text.name} links to {link}"


@each_text
def test_targets_of_make_exist(text: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"(?:`|^ *)make ([a-z-]+)", text.read_text(), re.MULTILINE))
    assert told <= targets
