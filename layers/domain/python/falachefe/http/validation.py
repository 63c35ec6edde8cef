"""Translates pydantic's validation errors into fields and pt-BR messages.

Only an error's type and figures are used, as pydantic's messages are English. The text of an `InvalidValue` is shown;
that of any other `ValueError` is not.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from falachefe.kernel.errors import FieldError, InvalidValue

MAX_ERRORS: Final = 50
"""A body of 256 KiB could cause tens of thousands."""
MAX_FIELD_LENGTH: Final = 200
_PLACES: Final = ("body", "query", "path", "header")
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

INVALID: Final = "Valor inválido."
_TEXT: Final = "Use um texto."
_NUMBER: Final = "Use um número."
_WHOLE: Final = "Use um número inteiro."
_OBJECT: Final = "Use um objeto."
_LIST: Final = "Use uma lista."
_DATE: Final = "Use uma data que existe, como 2026-11-22."
_TIME: Final = "Use um horário que existe, como 14:30."
_MOMENT: Final = "Use uma data com hora que exista, como 2026-11-22T12:00:00-03:00."
_URL: Final = "Use um endereço da internet, como https://exemplo.com.br."
_UUID: Final = "Use um identificador (UUID)."
_REQUIRED: Final = "Campo obrigatório."
_UNKNOWN: Final = "Este campo não existe aqui."

MESSAGES: Final[Mapping[str, str]] = {
    # whole documents and their members
    "json_invalid": "Use um JSON válido.",
    "json_type": "Use um JSON.",
    "missing": _REQUIRED,
    "missing_argument": _REQUIRED,
    "missing_keyword_only_argument": _REQUIRED,
    "missing_positional_only_argument": _REQUIRED,
    "extra_forbidden": _UNKNOWN,
    "unexpected_keyword_argument": _UNKNOWN,
    "unexpected_positional_argument": _UNKNOWN,
    "multiple_argument_values": "Envie este valor uma vez só.",
    "frozen_field": "Este campo não se altera.",
    "frozen_instance": "Este registro não se altera.",
    "invalid_key": "Use textos como nomes dos campos.",
    "recursion_loop": "Este valor contém a si mesmo.",
    "recursion_depth_exceeded": "Este valor tem níveis demais.",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "dataclass_exact_type": _OBJECT,
    "arguments_type": _OBJECT,
    "dict_type": _OBJECT,
    "frozen_dict_type": _OBJECT,
    "ordered_dict_type": _OBJECT,
    "counter_type": _OBJECT,
    "mapping_type": _OBJECT,
    "union_tag_invalid": "Use um destes tipos: {expected_tags}.",
    "union_tag_not_found": "Diga o tipo.",
    # lists
    "list_type": _LIST,
    "tuple_type": _LIST,
    "named_tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "deque_type": _LIST,
    "iterable_type": _LIST,
    "iteration_error": _LIST,
    "set_item_not_hashable": "Use valores simples nesta lista.",
    "too_short": "Informe pelo menos {min_length}; aqui há {actual_length}.",
    "too_long": "Informe no máximo {max_length}.",
    # texts
    "string_type": _TEXT,
    "string_unicode": "O texto tem caracteres que não se podem guardar.",
    "string_not_ascii": "Use só letras sem acento, algarismos e sinais comuns.",
    "string_too_short": "Use pelo menos {min_length} caractere(s).",
    "string_too_long": "Use no máximo {max_length} caractere(s).",
    "string_pattern_mismatch": "O texto não tem o formato esperado.",
    "literal_error": "Use um destes valores: {expected}.",
    "enum": "Use um destes valores: {expected}.",
    "bytes_type": _TEXT,
    "bytes_too_short": "Use pelo menos {min_length} byte(s).",
    "bytes_too_long": "Use no máximo {max_length} byte(s).",
    "bytes_invalid_encoding": "O texto não está codificado como se espera.",
    # numbers
    "bool_type": "Use true ou false.",
    "bool_parsing": "Use true ou false.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "O número é grande demais.",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "fraction_type": _NUMBER,
    "fraction_parsing": _NUMBER,
    "complex_type": _NUMBER,
    "complex_str_parsing": _NUMBER,
    "finite_number": "Use um número finito.",
    "greater_than": "Use um valor maior que {gt}.",
    "greater_than_equal": "Use um valor a partir de {ge}.",
    "less_than": "Use um valor menor que {lt}.",
    "less_than_equal": "Use um valor até {le}.",
    "multiple_of": "Use um múltiplo de {multiple_of}.",
    "decimal_max_digits": "Use no máximo {max_digits} algarismos.",
    "decimal_max_places": "Use no máximo {decimal_places} casas decimais.",
    "decimal_whole_digits": "Use no máximo {whole_digits} algarismos antes da vírgula.",
    # dates and times
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": "Use uma data sem hora.",
    "date_past": "Use uma data que já passou.",
    "date_future": "Use uma data que ainda virá.",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_past": "Use um momento que já passou.",
    "datetime_future": "Use um momento que ainda virá.",
    "timezone_naive": "Use um momento sem fuso horário.",
    "timezone_aware": "Diga também o fuso horário, como em 2026-11-22T12:00:00-03:00.",
    "timezone_offset": "Use outro fuso horário.",
    "time_delta_type": "Use uma duração.",
    "time_delta_parsing": "Use uma duração.",
    # other formats
    "url_type": _URL,
    "url_parsing": _URL,
    "url_syntax_violation": _URL,
    "url_too_long": "O endereço passa de {max_length} caracteres.",
    "url_scheme": "Use um endereço que comece com: {expected_schemes}.",
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "uuid_version": "Use um identificador (UUID) da versão {expected_version}.",
    # not caused by JSON input
    "no_such_attribute": INVALID,
    "needs_python_object": INVALID,
    "get_attribute_error": INVALID,
    "default_factory_not_called": INVALID,
    "none_required": "Deixe este campo vazio (null).",
    "value_error": INVALID,
    "assertion_error": INVALID,
    "missing_sentinel_error": INVALID,
    "ellipsis_error": INVALID,
    "is_instance_of": INVALID,
    "is_subclass_of": INVALID,
    "callable_type": INVALID,
}
"""A message for every error type of pydantic-core; the names in braces are keys of the error's context."""


def message(detail: Mapping[str, Any]) -> str:
    """The pt-BR message of one of pydantic's errors."""
    context = detail.get("ctx") or {}
    reason = context.get("error")
    if isinstance(reason, InvalidValue):
        return str(reason)
    try:
        return MESSAGES.get(detail["type"], INVALID).format_map({name: _figure(one) for name, one in context.items()})
    except KeyError:  # a figure that this version of pydantic does not give
        return INVALID


def field_errors(details: Iterable[Mapping[str, Any]], *under: str, whole: str = "body") -> list[FieldError]:
    """The first `MAX_ERRORS` of pydantic's errors; `under` prefixes each field, `whole` names the whole document."""
    found: list[FieldError] = []
    for detail in details:
        if len(found) == MAX_ERRORS:
            break
        found.append(FieldError(_field((*under, *detail["loc"]), whole), message(detail)))
    return found


def _field(location: tuple[Any, ...], whole: str) -> str:
    """The field's name, which the client may have chosen, shortened and without unprintable characters."""
    name = ".".join(str(part) for part in location if part not in _PLACES)
    return _UNPRINTABLE.sub("?", name[:MAX_FIELD_LENGTH]) or whole


def _figure(value: Any) -> str:
    """Turns pydantic's lists, such as `'a', 'b' or 'c'`, into `a, b, c`."""
    text = str(value)
    listed = re.findall(r"'([^']*)'", text)
    return ", ".join(listed) if listed else text
