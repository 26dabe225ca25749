package io.sampo.client;

import io.sampo.wire.body.TopicRouteData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a client makes of a route: the queues that it may send to and read from, and where their
 * brokers are. Immutable.
 *
 * @param topic the topic
 * @param writable the queues to send to, broker by broker; only of brokers that have a leader
 * @param readable the queues to read from, in their natural order
 * @param addresses by broker name: addresses by broker id, 0 being the leader
 * @param borrowed true when the topic doesn't exist yet and the route is that of the topic which
 *     new ones take their settings from
 */
record TopicRoute(
    String topic,
    List<TopicQueue> writable,
    List<TopicQueue> readable,
    Map<String, SortedMap<Long, String>> addresses,
    boolean borrowed) {
  private static final long LEADER = 0;

  /** How many queues a topic gets that comes to exist by being sent to. */
  private static final int NEW_TOPIC_QUEUES = 4;

  static TopicRoute of(String topic, TopicRouteData data) {
    Map<String, SortedMap<Long, String>> addresses = addresses(data);
    List<TopicQueue> writable = new ArrayList<>();
    TreeSet<TopicQueue> readable = new TreeSet<>();
    for (TopicRouteData.QueueData queues : data.queues()) {
      SortedMap<Long, String> broker = addresses.get(queues.brokerName());
      if (broker == null || broker.isEmpty()) {
        continue;
      }
      if ((queues.perm() & TopicRouteData.PERM_WRITE) != 0 && broker.containsKey(LEADER)) {
        addQueues(writable, topic, queues.brokerName(), queues.writeQueues());
      }
      if ((queues.perm() & TopicRouteData.PERM_READ) != 0) {
        addQueues(readable, topic, queues.brokerName(), queues.readQueues());
      }
    }
    return new TopicRoute(
        topic, List.copyOf(writable), List.copyOf(readable), Map.copyOf(addresses), false);
  }

  /** The route of a topic to be, given that of the topic it will take its settings from. */
  static TopicRoute borrowed(String topic, TopicRouteData template) {
    Map<String, SortedMap<Long, String>> addresses = addresses(template);
    List<TopicQueue> writable = new ArrayList<>();
    for (TopicRouteData.QueueData queues : template.queues()) {
      SortedMap<Long, String> broker = addresses.get(queues.brokerName());
      if (broker != null && broker.containsKey(LEADER)) {
        addQueues(
            writable, topic, queues.brokerName(), Math.min(NEW_TOPIC_QUEUES, queues.readQueues()));
      }
    }
    return new TopicRoute(topic, List.copyOf(writable), List.of(), Map.copyOf(addresses), true);
  }

  /** Where a broker's leader is, or else any of its replicas; null when the broker isn't routed. */
  @Nullable String addressOf(String brokerName) {
    SortedMap<Long, String> broker = addresses.get(brokerName);
    return broker == null || broker.isEmpty() ? null : broker.get(broker.firstKey());
  }

  private static Map<String, SortedMap<Long, String>> addresses(TopicRouteData data) {
    Map<String, SortedMap<Long, String>> addresses = new HashMap<>();
    for (TopicRouteData.BrokerData broker : data.brokers()) {
      addresses.put(broker.brokerName(), broker.addresses());
    }
    return addresses;
  }

  private static void addQueues(
      Collection<TopicQueue> to, String topic, String brokerName, int count) {
    for (int queueId = 0; queueId < count; queueId++) {
      to.add(new TopicQueue(topic, brokerName, queueId));
    }
  }
}
