"""CloudWatch's metric math, as far as alarms here use it: arithmetic and comparisons of series and numbers.

A series is {moment: value}. A point exists where all the series of an operation have one; dividing by zero gives none.
"""

import ast
import operator

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
             ast.Pow: operator.pow}
COMPARISONS = {ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
               ast.Eq: operator.eq, ast.NotEq: operator.ne}


class ExpressionError(Exception):
    pass


class Expression:
    def __init__(self, text):
        self.text = text
        try:
            self._tree = ast.parse(text.replace("^", "**"), mode="eval").body
        except SyntaxError as error:
            raise ExpressionError(f"Error in expression '{text}': {error.msg}") from None
        self.names = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}

    def value(self, series):
        """`series`: {identifier: series}. Gives a series."""
        result = self._value(self._tree, series)
        return result if isinstance(result, dict) else {}

    def _value(self, node, series):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return node.value
        if isinstance(node, ast.Name) and node.id in series:
            return series[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return combined(operator.sub, 0, self._value(node.operand, series))
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return combined(OPERATORS[type(node.op)], self._value(node.left, series), self._value(node.right, series))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
            compare = COMPARISONS[type(node.ops[0])]
            left, right = self._value(node.left, series), self._value(node.comparators[0], series)
            return combined(lambda a, b: float(compare(a, b)), left, right)
        raise ExpressionError(f"Error in expression '{self.text}': the emulator does not know {ast.unparse(node)}")


def combined(operation, left, right):
    def at(side, moment):
        return side.get(moment) if isinstance(side, dict) else side

    if not isinstance(left, dict) and not isinstance(right, dict):
        return operation(left, right)
    moments = set(left if isinstance(left, dict) else right) | set(right if isinstance(right, dict) else left)
    result = {}
    for moment in moments:
        a, b = at(left, moment), at(right, moment)
        if a is not None and b is not None:
            try:
                result[moment] = operation(a, b)
            except ZeroDivisionError:
                pass
    return result
