"""Names in docs/deploying.md and the runbooks exist in the templates."""

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


def test_the_guides_table_lists_exactly_the_root_templates_parameters() -> None:
    table = GUIDE.read_text().partition("| parameter | what |")[2].partition("\n\n")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    named_in_text = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]

    assert len(named_in_text) == len(set(named_in_text))
    assert set(named_in_text) == set(ROOT_STACK["Parameters"])


def test_parameter_overrides_in_the_guide_name_existing_parameters() -> None:
    for text in (GUIDE, ROOT / "samconfig.toml"):
        for line in re.findall(r'parameter_overrides = "(.*)"', text.read_text()):
            assert set(re.findall(r"(\w+)=", line)) <= set(ROOT_STACK["Parameters"]), text.name


def test_a_condition_in_the_guide_names_a_parameter_and_an_allowed_value() -> None:
    for name, value in re.findall(r"`([A-Z]\w+)=([^`]*)`", GUIDE.read_text()):
        assert value in ROOT_STACK["Parameters"][name]["AllowedValues"]


def test_outputs_named_in_the_guide_exist() -> None:
    text = GUIDE.read_text()
    named_in_text = set(re.findall(r"`(\w+(?:ApiUrl|ApiId)|DomainTarget\w*)`", text)) | set(
        re.findall(r"output `(\w+)`", text)
    )
    assert "DomainTarget" in named_in_text
    assert named_in_text - set(ROOT_STACK["Parameters"]) <= set(ROOT_STACK["Outputs"])


@each_text
def test_functions_and_alarms_named_in_documents_exist(text: Path) -> None:
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
def test_secrets_named_in_documents_exist(text: Path) -> None:
    named_in_text = {
        plain(name) for name in re.findall(r"falachefe/(?:<stage>|\$STAGE)/[a-z/-]+(?:<id>)?", text.read_text())
    }
    assert named_in_text <= names("AWS::SecretsManager::Secret", "Name") | {"falachefe/<stage>/channel/<id>"}


def test_the_guide_names_every_secret() -> None:
    text = plain(GUIDE.read_text())
    assert [name for name in names("AWS::SecretsManager::Secret", "Name") if name not in text] == []


def test_the_guide_lists_everything_that_remains_after_a_stack_is_deleted() -> None:
    """Retained resources must be deleted by hand, so the guide gives their names."""
    last = plain(GUIDE.read_text().partition("## Taking a stage down")[2])
    for kind, key in (("AWS::S3::Bucket", "BucketName"), ("AWS::DynamoDB::Table", "TableName")):
        for one in resources(kind):
            kept = templates()[one.path]["Resources"][one.name]["DeletionPolicy"] != "Delete"
            name = plain(one.properties[key]["Fn::Sub"]).replace("${AWS::AccountId}", "<account>")
            assert (name in last) == kept


@each_text
def test_links_between_documents_lead_to_existing_files(text: Path) -> None:
    for link in re.findall(r"\]\((?!http|#)([^)#]+)", text.read_text()):
        assert (text.parent / link).exists(), f"{text.name} links to {link}"


@each_text
def test_make_targets_named_in_documents_exist(text: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named_in_text = set(re.findall(r"(?:`|^ *)make ([a-z-]+)", text.read_text(), re.MULTILINE))
    assert named_in_text <= targets
