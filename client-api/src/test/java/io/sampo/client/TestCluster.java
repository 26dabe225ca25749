package io.sampo.client;

import io.netty.channel.Channel;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.TopicRouteData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the brokers of a test know in common: topics, members, offsets. Guarded by its own monitor,
 * which the brokers hold while they handle a request.
 */
final class TestCluster implements AutoCloseable {
  final List<TestBroker> brokers = new ArrayList<>();
  final Map<String, Integer> topics = new TreeMap<>();
  final Map<String, Map<String, Member>> groups = new TreeMap<>();
  final Map<String, Long> offsets = new TreeMap<>();
  boolean autoCreate = true;

  static TestCluster of(int brokers) {
    TestCluster cluster = new TestCluster();
    for (int i = 0; i < brokers; i++) {
      cluster.brokers.add(new TestBroker(cluster, "broker-" + i));
    }
    return cluster;
  }

  TestBroker broker(int index) {
    return brokers.get(index);
  }

  String nameServers() {
    return brokers.get(0).address();
  }

  synchronized TestCluster topic(String topic, int queuesPerBroker) {
    topics.put(topic, queuesPerBroker);
    return this;
  }

  /** Without queues when the topic does not exist. */
  synchronized TopicRouteData route(String topic) {
    Integer queues = topic.equals("TBW102") && autoCreate ? Integer.valueOf(8) : topics.get(topic);
    List<TopicRouteData.QueueData> queueData = new ArrayList<>();
    List<TopicRouteData.BrokerData> brokerData = new ArrayList<>();
    for (TestBroker broker : brokers) {
      queueData.add(
          new TopicRouteData.QueueData(
              broker.name(), queues == null ? 0 : queues, queues == null ? 0 : queues, 6, 0));
      brokerData.add(
          new TopicRouteData.BrokerData(
              "C", broker.name(), new TreeMap<>(Map.of(0L, broker.address()))));
    }
    return new TopicRouteData(queues == null ? List.of() : queueData, brokerData);
  }

  synchronized long offset(String group, TopicQueue queue) {
    return offsets.getOrDefault(group + queue, -1L);
  }

  synchronized int members(String group) {
    return groups.getOrDefault(group, Map.of()).size();
  }

  @Override
  public void close() {
    brokers.forEach(TestBroker::close);
  }

  /** A consumer that has sent a heartbeat. */
  record Member(Channel channel, ConsumerData data) {}
}
