package io.sampo.wire;

import org.jspecify.annotations.Nullable;

/** Takes the ext fields of a command that is being encoded, straight into the frame. */
public interface FieldWriter {
  /** Writes a field; null leaves it out. */
  FieldWriter field(String name, @Nullable String value);

  FieldWriter field(String name, long value);

  FieldWriter field(String name, boolean value);
}
