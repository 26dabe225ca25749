package io.sampo.multijvm.raw;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer as it came: every field a text, nothing interpreted.
 *
 * @param remark empty for none
 * @param body empty for none
 */
public record RawResponse(
    int code, int flag, int opaque, String remark, Map<String, String> fields, byte[] body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads what follows a frame's length.
   *
   * @throws IOException when the header is not JSON
   */
  static RawResponse parse(byte[] frame) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(frame);
    int codecAndLength = in.getInt();
    if (codecAndLength >>> 24 != RawFrame.JSON) {
      throw new IOException("a JSON request was answered with codec " + (codecAndLength >>> 24));
    }
    byte[] header = new byte[codecAndLength & 0xFFFFFF];
    in.get(header);
    byte[] body = new byte[in.remaining()];
    in.get(body);
    JsonNode json = JSON.readTree(new String(header, StandardCharsets.UTF_8));
    Map<String, String> fields = new LinkedHashMap<>();
    json.path("extFields")
        .properties()
        .forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
    return new RawResponse(
        json.path("code").intValue(),
        json.path("flag").intValue(),
        json.path("opaque").intValue(),
        json.path("remark").asText(""),
        fields,
        body);
  }

  /** A field that must be there, as a number. */
  public long number(String field) {
    String text = fields.get(field);
    if (text == null) {
      throw new AssertionError("no " + field + " in the answer " + this);
    }
    return Long.parseLong(text);
  }
}
