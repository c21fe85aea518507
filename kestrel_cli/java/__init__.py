"""What a program on the Java platform would print, read and match, in plain Python.

Purpose: whoever replays on Python what was written for Java needs Java's own text forms.

| module | plays the part of | for example |
| --- | --- | --- |
| `regex` | `java.util.regex`, `String.split`, `replaceAll` | `split("\\\\h+", text)` |
| `string_format` | `String.format` | `string_format("%05.1f", [2.25])` |
| `decimal_format` | `java.text.DecimalFormat` | `format_number(1234.5, "#,##0.00")` |
| `date_formats`, `date_reading` | `java.time`'s formatters | `write(Fields(when, 0), "d MMM")` |
| `times`, `classes` | `toString` of `java.time`; names of classes | `java_class(2**40)` |

Whatever is refused raises `JavaError`, a ValueError with the words of Java's exception where it has
some. Texts and lists beyond `limits` are refused before memory is spent on them.

Source: the documentation of Java 21's standard library, and the output of programs run on it.

Known differences:
- `regex` translates to Python's `re`: no negated class within a class, no `\\G`; the large
  Unicode categories are the common alphabets only.
- `decimal_format` has English symbols only; the currency sign is `$`.
- `string_format` has no `%t` (dates) and no `%a`; `%s` writes `str(value)` unless it is told how.
- Dates have the names of five languages, and years from 1 to 9999. Week fields are those of the US.
  `Q`, `w`, `W`, `F`, `g` and `Y` can be written, not read.

It imports nothing but the standard library, so that it can be taken out and used elsewhere.
"""
