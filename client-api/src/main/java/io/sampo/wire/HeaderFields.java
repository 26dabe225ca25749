package io.sampo.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The ext fields of a received command, as text that is parsed when asked for. They have their own
 * copy of the header, so they stay valid after the command is released. Names are ASCII.
 *
 * <p>A field that is there but can't be read (not a number, say) throws {@link BadHeaderException},
 * never a runtime surprise.
 */
public interface HeaderFields {
  /** The value, or null when the field is absent. */
  @Nullable String find(String name);

  /** The value of a field that must be there. */
  default String text(String name) {
    String value = find(name);
    if (value == null) {
      throw new BadHeaderException("the header has no field " + name);
    }
    return value;
  }

  /**
   * As {@link #text}, for values that come again and again (topics, groups): gives the same String
   * for the same text as long as it can remember it.
   */
  default String name(String name) {
    return text(name);
  }

  /** The value as UTF-8 bytes of the caller's own, or null when the field is absent. */
  default byte @Nullable [] findUtf8(String name) {
    String value = find(name);
    return value == null ? null : value.getBytes(StandardCharsets.UTF_8);
  }

  /** A field that must be there, as a 32-bit number. */
  int int32(String name);

  /** A 32-bit number, or the fallback when the field is absent. */
  int int32(String name, int fallback);

  /** A field that must be there, as a 64-bit number. */
  long int64(String name);

  /** A 64-bit number, or the fallback when the field is absent. */
  long int64(String name, long fallback);

  /** "true" in any case is true, anything else false; the fallback when the field is absent. */
  boolean bool(String name, boolean fallback);
}
