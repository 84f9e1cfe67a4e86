import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from backend.skills.models import Label, Occupation, OccupationSkill, Skill, SkillLabel, SkillRelation
from backend.skills.services import OccupationRow, Saved, SkillRow, import_esco, load_taxonomy, save_concepts

SEWING = "http://data.europa.eu/esco/skill/a"
NOTHING = Saved(skills=0, occupations=0, labels=0, relations=0, changed=0)

ESCO = {
    "skills_en.csv": (
        "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,status\n"
        f'KnowledgeSkillCompetence,{SEWING},skill/competence,cross-sector,sew,"sew fabric\nstitch",released\n'
        "KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/b,knowledge,cross-sector,textiles,,released\n"
    ),
    "skills_hr.csv": (
        f'conceptType,conceptUri,preferredLabel,altLabels\nKnowledgeSkillCompetence,{SEWING},šivati,"šivati\nkrpati"\n'
    ),
    "occupations_en.csv": (
        "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels\n"
        "Occupation,http://data.europa.eu/esco/occupation/t,0110,tailor,\n"
    ),
    "ISCOGroups_en.csv": (
        "conceptType,conceptUri,code,preferredLabel,altLabels\n"
        "ISCOGroup,http://data.europa.eu/esco/isco/C0110,0110,officers,\n"
    ),
    "broaderRelationsSkillPillar.csv": (
        "conceptType,conceptUri,broaderType,broaderUri\n"
        "KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/b,SkillGroup,"
        "http://data.europa.eu/esco/skill/c46fcb45-5c14-4ffa-abed-5a43f104bb22\n"
    ),
    "occupationSkillRelations.csv": (
        "occupationUri,relationType,skillType,skillUri\n"
        f"http://data.europa.eu/esco/occupation/t,essential,skill/competence,{SEWING}\n"
        "http://data.europa.eu/esco/occupation/t,optional,knowledge,http://data.europa.eu/esco/skill/b\n"
        "http://data.europa.eu/esco/occupation/t,optional,knowledge,http://data.europa.eu/esco/skill/unknown\n"
    ),
}


@pytest.fixture
def esco(tmp_path: Path) -> Path:
    for name, content in ESCO.items():
        if name.startswith("skills_hr"):
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content.encode()))
        else:
            (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def own(**labels: list[str]) -> list[SkillRow]:
    return [SkillRow(uri=SEWING, labels=labels)]


@pytest.mark.django_db
def test_the_built_in_taxonomy_has_three_languages_and_loads_once():
    first = load_taxonomy(settings.FIXTURES_DIR / "taxonomy.json")
    assert first.skills == Skill.objects.count() > 100
    assert first.occupations == Occupation.objects.count() > 50
    assert all({"sr", "en", "sq"} <= set(skill.preferred_labels) for skill in Skill.objects.all())
    assert OccupationSkill.objects.filter(is_essential=True).exists()
    assert SkillRelation.objects.exists()
    assert load_taxonomy(settings.FIXTURES_DIR / "taxonomy.json") == NOTHING


@pytest.mark.django_db
def test_esco_is_read_in_all_its_languages(esco: Path):
    saved = import_esco(folder=esco)
    assert saved == Saved(skills=2, occupations=1, labels=7, relations=2, changed=0)
    skill = Skill.objects.get(uri=SEWING)
    assert skill.preferred_labels == {"en": "sew", "hr": "šivati"}
    assert set(skill.labels.filter(kind=Label.Kind.ALTERNATIVE).values_list("text", flat=True)) == {
        "sew fabric",
        "stitch",
        "krpati",
    }
    assert skill.labels.get(text="šivati").folded == "sivati"
    assert Skill.objects.get(preferred_labels__en="textiles").kind == Skill.Kind.KNOWLEDGE
    tailor = Occupation.objects.get()
    assert tailor.isco == "0110"
    assert set(tailor.occupation_skills.values_list("skill__uri", "is_essential")) == {
        (SEWING, True),
        ("http://data.europa.eu/esco/skill/b", False),
    }


@pytest.mark.django_db
def test_importing_esco_again_changes_nothing(esco: Path):
    import_esco(folder=esco)
    before = sorted(SkillLabel.objects.values_list("pk", "text", "kind"))
    assert import_esco(folder=esco) == NOTHING
    assert sorted(SkillLabel.objects.values_list("pk", "text", "kind")) == before


@pytest.mark.django_db
def test_only_the_languages_asked_for_are_read(esco: Path):
    import_esco(folder=esco, languages=["en"])
    assert Skill.objects.get(uri=SEWING).preferred_labels == {"en": "sew"}


@pytest.mark.django_db
def test_esco_and_own_labels_live_on_one_concept_whatever_comes_first(esco: Path):
    rows = own(sr=["šivenje"], en=["sewing"], sq=["qepje"])
    save_concepts(skills=rows, occupations=[], source="own")
    primary_key = Skill.objects.get(uri=SEWING).pk
    import_esco(folder=esco)
    skill = Skill.objects.get(uri=SEWING)
    assert skill.pk == primary_key
    assert skill.source == "esco"
    assert skill.preferred_labels == {"sr": "šivenje", "en": "sew", "sq": "qepje", "hr": "šivati"}
    assert skill.labels.get(language="en", kind=Label.Kind.PREFERRED).text == "sew"
    assert skill.labels.get(text="sewing").kind == Label.Kind.ALTERNATIVE
    # Loading the own file again, as every start does, must not take ESCO's label away.
    assert save_concepts(skills=rows, occupations=[], source="own") == NOTHING
    assert import_esco(folder=esco) == NOTHING


@pytest.mark.django_db
def test_a_corrected_own_label_becomes_the_preferred_one():
    save_concepts(skills=own(sr=["šivenj"]), occupations=[], source="own")
    saved = save_concepts(skills=own(sr=["šivenje"]), occupations=[], source="own")
    assert (saved.labels, saved.changed) == (1, 1)
    skill = Skill.objects.get()
    assert skill.preferred_labels == {"sr": "šivenje"}
    assert skill.labels.get(kind=Label.Kind.PREFERRED).text == "šivenje"


@pytest.mark.django_db
def test_empty_and_repeated_labels_and_circles_are_left_out():
    skills = [SkillRow(uri="x", labels={"en": ["a", " ", "a", "b" * 500], "sr": []}, broader=["x", "nowhere"])]
    occupations = [OccupationRow(uri="o", labels={"en": ["o"]}, essential=["x"], optional=["x"])]
    saved = save_concepts(skills=skills, occupations=occupations, source="own")
    assert saved == Saved(skills=1, occupations=1, labels=3, relations=1, changed=0)
    assert OccupationSkill.objects.get().is_essential


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("skills_en.csv", "", "conceptUri"),
        ("skills_en.csv", "conceptUri\nx\n", "preferredLabel"),
        ("skills_en.csv.gz", "not gzip", "skills_en.csv.gz"),
        ("all.zip", "not a zip", "all.zip"),
        ("readme.txt", "nothing", "no occupations"),
    ],
)
def test_a_folder_that_is_not_esco_is_refused_by_name(tmp_path: Path, name: str, content: str, message: str):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValidationError, match=message):
        import_esco(folder=tmp_path)
    assert not Skill.objects.exists()


@pytest.mark.django_db
def test_the_command_reports_counts_and_refuses_a_wrong_folder(esco: Path, capsys: pytest.CaptureFixture[str]):
    call_command("import_esco", str(esco), "--languages", "en,hr")
    assert "European Commission" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("import_esco", str(esco / "nowhere"))
    with pytest.raises(CommandError, match="sl"):
        call_command("import_esco", str(esco), "--languages", "sl")


@pytest.mark.django_db
def test_reference_data_loads_twice(capsys: pytest.CaptureFixture[str]):
    call_command("load_reference")
    call_command("load_reference")
    assert "0 labels and 0 relations added" in capsys.readouterr().out
