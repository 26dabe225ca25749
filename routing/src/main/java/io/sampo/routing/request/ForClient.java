package io.sampo.routing.request;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that one node asks another to send to a client that is connected there.
 *
 * <pre>
 *  request   code {@link #CODE}, in an envelope as of a client; fields as in {@link Whom}
 *            body: none to ask whether such a client is there; else
 *              int      code of the request
 *              byte     1 when the client's answer is wanted
 *              int      number of fields, each: name (UTF), int length, value as UTF-8
 *              the rest: the request's body
 *  response  CONSUMER_NOT_ONLINE when no such client is there; else what the client answered, or
 *            SUCCESS when the request was written to its connection
 * </pre>
 *
 * @param code of the request
 * @param wantsAnswer whether it is a question
 * @param fields its header
 * @param body its body
 */
record ForClient(int code, boolean wantsAnswer, Map<String, byte[]> fields, byte[] body) {
  /** Of such requests between nodes: RocketMQ has none like it. */
  static final int CODE = 32_002;

  private static final int FIELDS_MAX = 256;

  /**
   * Which client.
   *
   * @param clientId a certain one; null for a producer
   * @param producerGroup any producer of this group; null for a certain client
   * @param logGroup whose port the producer had best be connected to
   */
  record Whom(@Nullable String clientId, @Nullable String producerGroup, @Nullable String logGroup)
      implements CommandHeader {
    static Whom client(String clientId) {
      return new Whom(clientId, null, null);
    }

    static Whom producer(String group, String logGroup) {
      return new Whom(null, group, logGroup);
    }

    static Whom read(HeaderFields fields) {
      return new Whom(fields.find("c"), fields.find("g"), fields.find("l"));
    }

    @Override
    public void writeFields(FieldWriter out) {
      out.field("c", clientId).field("g", producerGroup).field("l", logGroup);
    }
  }

  static ForClient oneway(int code, CommandHeader header, byte[] body) {
    return new ForClient(code, false, fieldsOf(header), body);
  }

  static ForClient question(int code, CommandHeader header, byte[] body) {
    return new ForClient(code, true, fieldsOf(header), body);
  }

  private static Map<String, byte[]> fieldsOf(CommandHeader header) {
    Map<String, byte[]> fields = new LinkedHashMap<>();
    header.writeFields(new Collector(fields));
    return fields;
  }

  /** The fields as they are sent to the client. */
  CommandHeader header() {
    return out -> fields.forEach(out::utf8);
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512 + body.length);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(code);
      out.writeBoolean(wantsAnswer);
      out.writeInt(fields.size());
      for (Map.Entry<String, byte[]> field : fields.entrySet()) {
        out.writeUTF(field.getKey());
        out.writeInt(field.getValue().length);
        out.write(field.getValue());
      }
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has no errors
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IllegalArgumentException when the bytes are none
   */
  static ForClient decode(byte[] encoded) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      int code = in.readInt();
      boolean wantsAnswer = in.readBoolean();
      int count = in.readInt();
      if (count < 0 || count > FIELDS_MAX) {
        throw new IllegalArgumentException("a request for a client with " + count + " fields");
      }
      Map<String, byte[]> fields = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        String name = in.readUTF();
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
          throw new IllegalArgumentException("a field of " + length + " bytes");
        }
        fields.put(name, in.readNBytes(length));
      }
      return new ForClient(code, wantsAnswer, fields, in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalArgumentException("a request for a client that ends too early", e);
    }
  }

  private record Collector(Map<String, byte[]> fields) implements FieldWriter {
    @Override
    public FieldWriter field(String name, @Nullable String value) {
      return utf8(name, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public FieldWriter utf8(String name, byte @Nullable [] value) {
      if (value != null) {
        fields.put(name, value);
      }
      return this;
    }

    @Override
    public FieldWriter field(String name, long value) {
      return field(name, Long.toString(value));
    }

    @Override
    public FieldWriter field(String name, boolean value) {
      return field(name, Boolean.toString(value));
    }
  }
}
