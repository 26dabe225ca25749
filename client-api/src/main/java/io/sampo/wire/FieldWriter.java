package io.sampo.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Takes the ext fields of a command that is being encoded, straight into the frame. Names are ASCII
 * and need no escapes.
 */
public interface FieldWriter {
  /** Writes a field; null leaves it out. */
  FieldWriter field(String name, @Nullable String value);

  /** Writes a field whose value is there as UTF-8 already; null leaves it out. */
  default FieldWriter utf8(String name, byte @Nullable [] value) {
    return field(name, value == null ? null : new String(value, StandardCharsets.UTF_8));
  }

  FieldWriter field(String name, long value);

  FieldWriter field(String name, boolean value);
}
