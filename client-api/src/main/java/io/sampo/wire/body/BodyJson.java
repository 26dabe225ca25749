package io.sampo.wire.body;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.sampo.wire.BadBodyException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * JSON bodies from and to trees. Reading takes the dialect of the official clients: unknown fields
 * are ignored, keys need no quotes, absent and null fields have defaults. Thread-safe.
 */
final class BodyJson {
  /**
   * A tree takes tens of times the memory of its text. The heartbeat of a process with hundreds of
   * groups is well below.
   */
  private static final int BODY_BYTES_MAX = 4 * 1024 * 1024;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES).build();

  private BodyJson() {}

  /**
   * Reads a body that must be an object; the buffer's indices don't move.
   *
   * @throws BadBodyException when it isn't one or is too large
   */
  static JsonNode readObject(ByteBuf body, String what) {
    if (body.readableBytes() > BODY_BYTES_MAX) {
      throw new BadBodyException(
          what + " of " + body.readableBytes() + " bytes, at most " + BODY_BYTES_MAX, null);
    }
    JsonNode root;
    try (ByteBufInputStream in = new ByteBufInputStream(body.duplicate())) {
      root = MAPPER.readTree(in);
    } catch (IOException e) {
      throw new BadBodyException(what + " is not JSON: " + e.getMessage(), e);
    }
    if (root == null || !root.isObject()) {
      throw new BadBodyException(what + " is not a JSON object", null);
    }
    return root;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static byte[] write(ObjectNode root) {
    try {
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree can be written", e);
    }
  }

  /** A text field that must be there. */
  static String text(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isTextual()) {
      throw new BadBodyException("the body has no text " + name, null);
    }
    return value.textValue();
  }

  static String text(JsonNode node, String name, String fallback) {
    JsonNode value = node.get(name);
    return value != null && value.isTextual() ? value.textValue() : fallback;
  }

  /** The elements of an array, or the values of an object; none when it is absent. */
  static <T> List<T> list(JsonNode node, String name, Function<JsonNode, T> element) {
    List<T> elements = new ArrayList<>();
    JsonNode children = node.path(name);
    if (children.isValueNode() && !children.isNull()) {
      throw new BadBodyException(name + " is no list", null);
    }
    for (JsonNode child : children) {
      elements.add(element.apply(child));
    }
    return elements;
  }

  /** What tells tools whether a table changed. */
  static void putVersion(ObjectNode node, long revision) {
    node.putObject("dataVersion")
        .put("counter", revision)
        .put("stateVersion", 0)
        .put("timestamp", 0);
  }

  static <T> void putList(
      ObjectNode node, String name, Iterable<T> elements, Function<T, JsonNode> toJson) {
    ArrayNode array = node.putArray(name);
    for (T element : elements) {
      array.add(toJson.apply(element));
    }
  }
}
