package io.sampo.actors.filter;

import io.sampo.actors.filter.SqlExpression.Comparison;
import io.sampo.actors.filter.SqlExpression.Constant;
import io.sampo.actors.filter.SqlExpression.Order;
import io.sampo.actors.filter.SqlExpression.Property;
import io.sampo.actors.filter.SqlExpression.TextTest;
import io.sampo.actors.filter.SqlTokens.Kind;
import java.util.HashSet;
import java.util.Set;

/**
 * Compiles an SQL92 condition by recursive descent, as deep as allowed:
 *
 * <pre>
 *   condition  := and (OR and)*
 *   and        := equality (AND equality)*
 *   equality   := relation ((= | &lt;&gt;) relation | IS [NOT] NULL)*
 *   relation   := unary [ (&gt; | &gt;= | &lt; | &lt;=) unary
 *                       | [NOT] BETWEEN unary AND unary
 *                       | [NOT] IN ( text, … )
 *                       | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) text ]
 *   unary      := NOT unary | + unary | - number | primary
 *   primary    := number | text | TRUE | FALSE | NULL | name | ( condition )
 * </pre>
 *
 * <p>What RocketMQ refuses is refused: an order of texts, of booleans or of NULL, a comparison with
 * NULL, bounds of BETWEEN the wrong way round, numbers in IN. Other than there, so is what follows
 * a complete condition: {@code a = 5) OR b = 6} is a mistake, not {@code a = 5}.
 */
final class SqlParser {
  private final SqlTokens tokens;
  private final int depthMax;
  private int depth;

  SqlParser(String expression, int depthMax) throws BadFilterException {
    this.tokens = new SqlTokens(expression);
    this.depthMax = depthMax;
  }

  SqlExpression parse() throws BadFilterException {
    SqlExpression condition = condition();
    if (tokens.kind() != Kind.END) {
      throw tokens.expected("the end of the condition");
    }
    if (condition instanceof Constant constant && !(constant.value() instanceof Boolean)) {
      throw new BadFilterException("SQL92: a condition is expected, not a value alone");
    }
    return condition;
  }

  private SqlExpression condition() throws BadFilterException {
    if (++depth > depthMax) {
      throw new BadFilterException(
          "SQL92: the expression is nested deeper than the allowed " + depthMax);
    }
    SqlExpression left = and();
    int operands = 1;
    while (tokens.isKeyword("OR")) {
      tokens.advance();
      // A chain grows a tree to the left, which is walked by recursion: it counts as depth.
      countOperand(++operands);
      left = new SqlExpression.Or(left, and());
    }
    depth--;
    return left;
  }

  private SqlExpression and() throws BadFilterException {
    SqlExpression left = equality();
    int operands = 1;
    while (tokens.isKeyword("AND")) {
      tokens.advance();
      countOperand(++operands);
      left = new SqlExpression.And(left, equality());
    }
    return left;
  }

  private void countOperand(int operands) throws BadFilterException {
    if (operands > depthMax) {
      throw new BadFilterException(
          "SQL92: more than the allowed " + depthMax + " operands of one AND or OR");
    }
  }

  private SqlExpression equality() throws BadFilterException {
    SqlExpression left = relation();
    int operands = 1;
    while (true) {
      if (tokens.isSymbol("=") || tokens.isSymbol("<>")) {
        boolean equal = tokens.text().equals("=");
        tokens.advance();
        countOperand(++operands);
        SqlExpression right = relation();
        refuseNull(left);
        refuseNull(right);
        SqlExpression same = new Comparison(left, Order.EQUAL, right);
        left = equal ? same : new SqlExpression.Not(same);
      } else if (tokens.isKeyword("IS")) {
        tokens.advance();
        countOperand(++operands);
        boolean negated = takeNot();
        takeKeyword("NULL");
        SqlExpression isNull = new SqlExpression.IsNull(left);
        left = negated ? new SqlExpression.Not(isNull) : isNull;
      } else {
        return left;
      }
    }
  }

  private SqlExpression relation() throws BadFilterException {
    SqlExpression left = unary();
    if (tokens.kind() == Kind.SYMBOL) {
      Order order =
          switch (tokens.text()) {
            case "<" -> Order.LESS;
            case "<=" -> Order.LESS_OR_EQUAL;
            case ">" -> Order.GREATER;
            case ">=" -> Order.GREATER_OR_EQUAL;
            default -> Order.EQUAL;
          };
      if (order == Order.EQUAL) {
        return left;
      }
      tokens.advance();
      return ordered(left, order, unary());
    }
    boolean negated = takeNot();
    SqlExpression test;
    if (tokens.isKeyword("BETWEEN")) {
      test = between(left);
    } else if (tokens.isKeyword("IN")) {
      test = in(left);
    } else if (tokens.isKeyword("CONTAINS")) {
      return text(left, TextTest.CONTAINS, negated);
    } else if (tokens.isKeyword("STARTSWITH")) {
      return text(left, TextTest.STARTSWITH, negated);
    } else if (tokens.isKeyword("ENDSWITH")) {
      return text(left, TextTest.ENDSWITH, negated);
    } else if (negated) {
      throw tokens.expected("BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH after NOT");
    } else {
      return left;
    }
    return negated ? new SqlExpression.Not(test) : test;
  }

  private static Comparison ordered(SqlExpression left, Order order, SqlExpression right)
      throws BadFilterException {
    refuseUnordered(left);
    refuseUnordered(right);
    return new Comparison(left, order, right);
  }

  private SqlExpression between(SqlExpression value) throws BadFilterException {
    tokens.advance();
    SqlExpression from = unary();
    takeKeyword("AND");
    SqlExpression to = unary();
    if (from instanceof Constant low
        && to instanceof Constant high
        && low.value() instanceof Number a
        && high.value() instanceof Number b
        && a.doubleValue() > b.doubleValue()) {
      throw new BadFilterException(
          "SQL92: BETWEEN %s AND %s holds for nothing".formatted(low.value(), high.value()));
    }
    return new SqlExpression.And(
        ordered(value, Order.GREATER_OR_EQUAL, from), ordered(value, Order.LESS_OR_EQUAL, to));
  }

  private SqlExpression in(SqlExpression value) throws BadFilterException {
    if (!(value instanceof Property property)) {
      throw new BadFilterException("SQL92: IN is for a property");
    }
    tokens.advance();
    takeSymbol("(");
    Set<String> texts = new HashSet<>();
    texts.add(takeText());
    while (tokens.isSymbol(",")) {
      tokens.advance();
      texts.add(takeText());
    }
    takeSymbol(")");
    return new SqlExpression.In(property, texts);
  }

  private SqlExpression text(SqlExpression value, TextTest test, boolean negated)
      throws BadFilterException {
    tokens.advance();
    return new SqlExpression.Text(value, test, takeText(), negated);
  }

  private SqlExpression unary() throws BadFilterException {
    if (++depth > depthMax) {
      throw new BadFilterException(
          "SQL92: the expression is nested deeper than the allowed " + depthMax);
    }
    SqlExpression result;
    if (tokens.isKeyword("NOT")) {
      tokens.advance();
      result = new SqlExpression.Not(unary());
    } else if (tokens.isSymbol("+")) {
      tokens.advance();
      result = unary();
    } else if (tokens.isSymbol("-")) {
      tokens.advance();
      if (tokens.kind() != Kind.WHOLE_NUMBER && tokens.kind() != Kind.DECIMAL_NUMBER) {
        throw tokens.expected("a number");
      }
      result = number("-" + tokens.text());
    } else {
      result = primary();
    }
    depth--;
    return result;
  }

  private SqlExpression primary() throws BadFilterException {
    switch (tokens.kind()) {
      case WHOLE_NUMBER, DECIMAL_NUMBER -> {
        return number(tokens.text());
      }
      case TEXT -> {
        return new Constant(takeText());
      }
      case NAME -> {
        Property property = new Property(tokens.text());
        tokens.advance();
        return property;
      }
      case KEYWORD -> {
        Constant constant =
            switch (tokens.text()) {
              case "TRUE" -> new Constant(true);
              case "FALSE" -> new Constant(false);
              case "NULL" -> new Constant(null);
              default -> throw tokens.expected("a property or a value");
            };
        tokens.advance();
        return constant;
      }
      case SYMBOL, END -> {
        takeSymbol("(", "a property, a value or (");
        SqlExpression inner = condition();
        takeSymbol(")");
        return inner;
      }
    }
    throw new AssertionError(tokens.kind());
  }

  private Constant number(String digits) throws BadFilterException {
    Number value;
    try {
      if (tokens.kind() == Kind.WHOLE_NUMBER) {
        value = Long.valueOf(digits);
      } else {
        value = Double.valueOf(digits);
      }
    } catch (NumberFormatException e) {
      throw new BadFilterException("SQL92: the number " + digits + " is out of range");
    }
    tokens.advance();
    return new Constant(value);
  }

  private boolean takeNot() throws BadFilterException {
    if (!tokens.isKeyword("NOT")) {
      return false;
    }
    tokens.advance();
    return true;
  }

  private void takeKeyword(String keyword) throws BadFilterException {
    if (!tokens.isKeyword(keyword)) {
      throw tokens.expected(keyword);
    }
    tokens.advance();
  }

  private void takeSymbol(String symbol) throws BadFilterException {
    takeSymbol(symbol, symbol);
  }

  private void takeSymbol(String symbol, String wanted) throws BadFilterException {
    if (!tokens.isSymbol(symbol)) {
      throw tokens.expected(wanted);
    }
    tokens.advance();
  }

  private String takeText() throws BadFilterException {
    if (tokens.kind() != Kind.TEXT) {
      throw tokens.expected("a text in quotes");
    }
    String text = tokens.text();
    tokens.advance();
    return text;
  }

  /** Texts, booleans and NULL have no order. */
  private static void refuseUnordered(SqlExpression operand) throws BadFilterException {
    boolean comparable =
        operand instanceof Property
            || (operand instanceof Constant constant && constant.value() instanceof Number);
    if (!comparable) {
      throw new BadFilterException("SQL92: only properties and numbers can be ordered");
    }
  }

  private static void refuseNull(SqlExpression operand) throws BadFilterException {
    if (operand instanceof Constant constant && constant.value() == null) {
      throw new BadFilterException("SQL92: compare with IS NULL, not with = NULL");
    }
  }
}
