/* A value against what stands right of `=` (PLAYBOOK section 1, V). An empty value is "no" to everything but `empty`. */
#include "turn/inside.h"

static bool is_one(const struct value *value, const struct value *wanted)
{
	if (value->type == VALUE_LIST) {
		for (size_t i = 0; wanted->type == VALUE_TEXT && i < value->list.count; i++)
			if (str_glob(wanted->text, value->list.items[i]))
				return true;
		return false;
	}
	if (value->type != wanted->type)
		return false;
	switch (value->type) {
	case VALUE_TEXT:
		return str_glob(wanted->text, value->text);
	case VALUE_NUMBER:
		return value->number == wanted->number;
	case VALUE_YES_NO:
		return value->yes == wanted->yes;
	case VALUE_DATE:
		return value->date == wanted->date;
	default:
		return false;
	}
}

static bool is_one_of(const struct value_test *test, const struct value *value)
{
	for (size_t i = 0; i < test->value_count; i++)
		if (is_one(value, &test->values[i]))
			return true;
	return false;
}

/* A text without a letter and an empty list are empty too. */
static bool is_empty(const struct value *value)
{
	return value->type == VALUE_EMPTY || (value->type == VALUE_TEXT && value->text.n == 0) ||
	       (value->type == VALUE_LIST && value->list.count == 0);
}

static bool compare(const struct value_test *test, double number)
{
	switch (test->op) {
	case TEST_AT_LEAST:
		return number >= test->low;
	case TEST_AT_MOST:
		return number <= test->high;
	case TEST_ABOVE:
		return number > test->low;
	case TEST_BELOW:
		return number < test->high;
	case TEST_BETWEEN:
		return number >= test->low && number <= test->high;
	default:
		return false;
	}
}

bool turn_test(const struct value_test *test, const struct value *value)
{
	if (test->op == TEST_EMPTY)
		return is_empty(value);
	if (is_empty(value))
		return false;
	if (test->op == TEST_KNOWN)
		return true;
	if (test->op == TEST_IS)
		return is_one_of(test, value);
	return value->type == VALUE_NUMBER && compare(test, value->number);
}
