package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a group wants of a topic.
 *
 * @param topic the topic
 * @param expression "*" for all, "a || b" for tags, or an SQL92 condition
 * @param tags the tags of a tag expression, none for all
 * @param tagHashes their Java string hashes
 * @param version grows with each change, milliseconds since the epoch with official clients
 * @param expressionType {@link #TAG} or SQL92
 */
public record SubscriptionData(
    String topic,
    String expression,
    Set<String> tags,
    Set<Integer> tagHashes,
    long version,
    String expressionType) {
  /** Everything. */
  public static final String ALL = "*";

  /** The expression lists tags. */
  public static final String TAG = "TAG";

  public SubscriptionData {
    tags = Set.copyOf(tags);
    tagHashes = Set.copyOf(tagHashes);
  }

  /**
   * A subscription by tags.
   *
   * @param expression tags separated by {@code ||}; "*" or blank is all of them
   * @throws IllegalArgumentException when there is nothing between separators
   */
  public static SubscriptionData ofTags(String topic, String expression, long version) {
    Set<String> tags = new LinkedHashSet<>();
    Set<Integer> hashes = new LinkedHashSet<>();
    boolean all = expression.isBlank() || expression.strip().equals(ALL);
    if (!all) {
      for (String part : expression.split("\\|\\|", -1)) {
        if (!part.isBlank()) {
          tags.add(part.strip());
          hashes.add(part.strip().hashCode());
        }
      }
      if (tags.isEmpty()) {
        throw new IllegalArgumentException("no tag in the expression '" + expression + "'");
      }
    }
    return new SubscriptionData(topic, all ? ALL : expression, tags, hashes, version, TAG);
  }

  /** True when every message of the topic is wanted. */
  public boolean isAll() {
    return expressionType.equals(TAG) && (expression.isBlank() || expression.equals(ALL));
  }

  static SubscriptionData fromNode(JsonNode node) {
    return new SubscriptionData(
        BodyJson.text(node, "topic"),
        BodyJson.text(node, "subString", ALL),
        Set.copyOf(BodyJson.list(node, "tagsSet", JsonNode::asText)),
        Set.copyOf(BodyJson.list(node, "codeSet", JsonNode::asInt)),
        node.path("subVersion").asLong(),
        BodyJson.text(node, "expressionType", TAG));
  }

  ObjectNode toNode() {
    ObjectNode node = BodyJson.object();
    node.put("topic", topic);
    node.put("subString", expression);
    BodyJson.putList(node, "tagsSet", tags, TextNode::valueOf);
    BodyJson.putList(node, "codeSet", tagHashes, IntNode::valueOf);
    node.put("subVersion", version);
    node.put("classFilterMode", false);
    node.put("expressionType", expressionType);
    return node;
  }
}
