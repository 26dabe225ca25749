package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks for the route of a topic (105). That a client wants standard JSON ({@code
 * acceptStandardJsonOnly}) needs no field: it gets nothing else.
 */
public record RouteRequestHeader(String topic) implements CommandHeader {
  public static RouteRequestHeader read(HeaderFields fields) {
    return new RouteRequestHeader(fields.name("topic"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic);
  }
}
