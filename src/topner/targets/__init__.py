"""From TARGET mentions to records: indicator, direction, comparator, value, unit, period."""
