package io.sampo.wire;

/**
 * A typed header: a record that knows its ext fields. Each one also has a static {@code
 * read(HeaderFields)}.
 */
@FunctionalInterface
public interface CommandHeader {
  /** The header of a command that has no ext fields. */
  CommandHeader NONE = out -> {};

  void writeFields(FieldWriter out);
}
