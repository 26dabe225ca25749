package io.sampo.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.sampo.wire.BadBodyException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The route of a topic (the answer to 105): which brokers have queues of it, how many, and where
 * the brokers are. Lists are written in their order; clients compare a route with the one before,
 * so whoever makes them keeps the order stable.
 *
 * @param queues one entry per broker that has queues of the topic
 * @param brokers the addresses of these brokers
 */
public record TopicRouteData(List<QueueData> queues, List<BrokerData> brokers) {
  /** May be pulled from. */
  public static final int PERM_READ = 4;

  /** May be sent to. */
  public static final int PERM_WRITE = 2;

  /** New topics may take its settings. */
  public static final int PERM_INHERIT = 1;

  public TopicRouteData {
    queues = List.copyOf(queues);
    brokers = List.copyOf(brokers);
  }

  /**
   * Reads a body; its indices don't move.
   *
   * @throws BadBodyException when it isn't a route
   */
  public static TopicRouteData fromJson(ByteBuf body) {
    JsonNode root = BodyJson.readObject(body, "a route");
    return new TopicRouteData(
        BodyJson.list(root, "queueDatas", QueueData::fromNode),
        BodyJson.list(root, "brokerDatas", BrokerData::fromNode));
  }

  /** Writes standard JSON with quoted keys, which every client reads. */
  public byte[] toJson() {
    ObjectNode root = BodyJson.object();
    BodyJson.putList(root, "brokerDatas", brokers, BrokerData::toNode);
    root.putObject("filterServerTable");
    BodyJson.putList(root, "queueDatas", queues, QueueData::toNode);
    return BodyJson.write(root);
  }

  /**
   * The queues of a topic at one broker.
   *
   * @param brokerName whose
   * @param readQueues consumers see the queues 0 to readQueues - 1
   * @param writeQueues producers see the queues 0 to writeQueues - 1
   * @param perm the PERM_ bits
   * @param topicSysFlag passed through
   */
  public record QueueData(
      String brokerName, int readQueues, int writeQueues, int perm, int topicSysFlag) {
    static QueueData fromNode(JsonNode node) {
      return new QueueData(
          BodyJson.text(node, "brokerName"),
          node.path("readQueueNums").asInt(),
          node.path("writeQueueNums").asInt(),
          node.path("perm").asInt(),
          node.path("topicSysFlag").asInt());
    }

    ObjectNode toNode() {
      ObjectNode node = BodyJson.object();
      node.put("brokerName", brokerName);
      node.put("perm", perm);
      node.put("readQueueNums", readQueues);
      node.put("topicSysFlag", topicSysFlag);
      node.put("writeQueueNums", writeQueues);
      return node;
    }
  }

  /**
   * Where a broker is.
   *
   * @param cluster the cluster it belongs to
   * @param brokerName its name
   * @param addresses "host:port" by broker id; producers use id 0 only
   */
  public record BrokerData(String cluster, String brokerName, SortedMap<Long, String> addresses) {
    public BrokerData {
      addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
    }

    static BrokerData fromNode(JsonNode node) {
      SortedMap<Long, String> addresses = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : node.path("brokerAddrs").properties()) {
        try {
          addresses.put(Long.parseLong(entry.getKey()), entry.getValue().asText());
        } catch (NumberFormatException e) {
          throw new BadBodyException("a broker id is not a number: " + entry.getKey(), e);
        }
      }
      return new BrokerData(
          BodyJson.text(node, "cluster", ""), BodyJson.text(node, "brokerName"), addresses);
    }

    ObjectNode toNode() {
      ObjectNode node = BodyJson.object();
      ObjectNode byId = node.putObject("brokerAddrs");
      addresses.forEach((id, address) -> byId.put(Long.toString(id), address));
      node.put("brokerName", brokerName);
      node.put("cluster", cluster);
      node.put("enableActingMaster", false);
      return node;
    }
  }
}
