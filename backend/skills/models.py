"""The taxonomy: skills and occupations with labels in several languages, and how they relate (SKOS, ESCO)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backend.core.data_classes import C0
from backend.core.models import Entity

LANGUAGE_FALLBACK = ("sr", "en", "hr")


class Concept(Entity):
    """What a skill and an occupation share: a URI that is stable between releases, and its preferred labels."""

    data_classes = {C0: "uri source preferred_labels"}

    class Source(models.TextChoices):
        ESCO = "esco", "ESCO"
        OWN = "own", _("own")

    uri = models.CharField("URI", max_length=200, unique=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    # The preferred label by language, kept beside the label rows so that a page of a hundred skills needs no join.
    preferred_labels = models.JSONField(_("preferred labels"), default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The preferred label in the active language, else in the nearest one that has a label."""
        language = (get_language() or "sr")[:2]
        for code in (language, *LANGUAGE_FALLBACK):
            if text := self.preferred_labels.get(code):
                return str(text)
        return next(iter(self.preferred_labels.values()), self.uri)


class Label(models.Model):
    """One label of a concept, in one language."""

    data_classes = {C0: "id language text folded kind"}

    class Kind(models.TextChoices):
        PREFERRED = "preferred", _("preferred label")
        ALTERNATIVE = "alternative", _("alternative label")

    language = models.CharField(_("language"), max_length=8)
    text = models.CharField(_("label"), max_length=400)
    folded = models.CharField(max_length=400, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text


class Skill(Concept):
    """Something a person can do or knows (ESCO: skill/competence or knowledge), or a group of such."""

    data_classes = {C0: "kind"}

    class Kind(models.TextChoices):
        SKILL = "skill", _("skill")
        KNOWLEDGE = "knowledge", _("knowledge")
        TRANSVERSAL = "transversal", _("transversal skill")
        LANGUAGE = "language", _("language")
        LICENCE = "licence", _("licence")
        GROUP = "group", _("group of skills")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SKILL)


class SkillLabel(Label):
    data_classes = {C0: "skill"}

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="labels")

    class Meta:
        indexes = [models.Index(fields=["folded"], name="skill_label_folded")]
        constraints = [
            models.UniqueConstraint(fields=["skill", "language", "text"], name="skill_label_once"),
            models.UniqueConstraint(
                fields=["skill", "language"], condition=Q(kind="preferred"), name="skill_one_preferred_label"
            ),
        ]


class SkillRelation(models.Model):
    """`source` is narrower than `target` (broader), or worth part of it (related)."""

    data_classes = {C0: "id source target kind"}

    class Kind(models.TextChoices):
        BROADER = "broader", _("broader")
        RELATED = "related", _("related")

    source = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="relations")
    target = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="skill_relation_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="skill_relation_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class Occupation(Concept):
    """A kind of work, filed under one ISCO-08 unit group (four digits, kept as text)."""

    data_classes = {C0: "isco skills"}

    isco = models.CharField("ISCO-08", max_length=4, blank=True, db_index=True)
    skills: "models.ManyToManyField[Skill, OccupationSkill]" = models.ManyToManyField(
        Skill, through="OccupationSkill", related_name="occupations"
    )


class OccupationLabel(Label):
    data_classes = {C0: "occupation"}

    occupation = models.ForeignKey(Occupation, on_delete=models.CASCADE, related_name="labels")

    class Meta:
        indexes = [models.Index(fields=["folded"], name="occupation_label_folded")]
        constraints = [
            models.UniqueConstraint(fields=["occupation", "language", "text"], name="occupation_label_once"),
            models.UniqueConstraint(
                fields=["occupation", "language"],
                condition=Q(kind="preferred"),
                name="occupation_one_preferred_label",
            ),
        ]


class OccupationSkill(models.Model):
    """A skill that an occupation calls for, always (essential) or often (optional)."""

    data_classes = {C0: "id occupation skill is_essential"}

    occupation = models.ForeignKey(Occupation, on_delete=models.CASCADE, related_name="occupation_skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="occupation_skills")
    is_essential = models.BooleanField(_("essential"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["occupation", "skill"], name="occupation_skill_once")]

    def __str__(self) -> str:
        return f"{self.occupation_id} {self.skill_id}"
