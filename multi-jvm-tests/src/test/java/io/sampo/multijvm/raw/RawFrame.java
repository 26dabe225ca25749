package io.sampo.multijvm.raw;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Frames of the remoting protocol written by hand, right or wrong, without a line of the product:
 *
 * <pre>
 *  length (4) | header codec (1) | header length (3) | header | body
 * </pre>
 *
 * <p>The length counts everything behind itself.
 */
public final class RawFrame {
  public static final int JSON = 0;

  private RawFrame() {}

  /** A request with a JSON header as a Java client writes it. */
  public static byte[] request(int code, int opaque, Map<String, String> fields, byte[] body) {
    return request(code, opaque, 0, fields, body);
  }

  /**
   * Like the other, with a flag.
   *
   * @param flag bit 0 says response, bit 1 one-way
   */
  public static byte[] request(
      int code, int opaque, int flag, Map<String, String> fields, byte[] body) {
    String ext =
        fields.entrySet().stream()
            .map(field -> quoted(field.getKey()) + ":" + quoted(field.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    String header =
        "{\"code\":"
            + code
            + ",\"extFields\":"
            + ext
            + ",\"flag\":"
            + flag
            + ",\"language\":\"JAVA\",\"opaque\":"
            + opaque
            + ",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":513}";
    return frame(JSON, header.getBytes(StandardCharsets.UTF_8), body);
  }

  /** A frame around any header bytes. */
  public static byte[] frame(int codec, byte[] header, byte[] body) {
    return ByteBuffer.allocate(8 + header.length + body.length)
        .putInt(4 + header.length + body.length)
        .putInt(codec << 24 | header.length)
        .put(header)
        .put(body)
        .array();
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
