package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names of topics (the answer to 206, 224, 304 and 305).
 *
 * @param topics each once
 * @param brokerAddress "host:port" of a broker that is to be asked as well, or null
 */
public record TopicList(List<String> topics, @Nullable String brokerAddress) {
  public TopicList {
    topics = List.copyOf(topics);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws io.sampo.wire.BadBodyException when it isn't such a list
   */
  public static TopicList fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a list of topics");
    return new TopicList(
        BodyJson.list(root, "topicList", JsonNode::asText),
        root.path("brokerAddr").isTextual() ? root.path("brokerAddr").asText() : null);
  }

  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    if (brokerAddress != null) {
      root.put("brokerAddr", brokerAddress);
    }
    BodyJson.putList(root, "topicList", topics, TextNode::valueOf);
    return BodyJson.write(root);
  }
}
