package io.sampo.actors.catalog;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.LWWRegisterKey;

/**
 * A share of the catalog: the topics and groups whose names hash to it. A change copies and
 * publishes its part only, so the cost of one does not grow with the whole catalog. Never changed
 * once made.
 *
 * @param index from 0, below {@link #COUNT}
 * @param revision of the catalog when the part last changed, 0 before anything was put into it
 */
record CatalogPart(
    int index,
    long revision,
    Map<String, TopicConfig> topics,
    Map<String, SubscriptionGroupConfig> groups)
    implements ControlMessage {
  /** How many parts there are. The same on every node: it decides where a name is looked for. */
  static final int COUNT = 256;

  CatalogPart {
    topics = Map.copyOf(topics);
    groups = Map.copyOf(groups);
  }

  static CatalogPart empty(int index) {
    return new CatalogPart(index, 0, Map.of(), Map.of());
  }

  /** The part that a topic or group of this name belongs to. */
  static int indexOf(String name) {
    int hash = name.hashCode();
    return (hash ^ (hash >>> 16) ^ (hash >>> 8)) & (COUNT - 1);
  }

  CatalogPart with(TopicConfig topic, long revision) {
    Map<String, TopicConfig> changed = new HashMap<>(topics);
    changed.put(topic.name(), topic);
    return new CatalogPart(index, revision, changed, groups);
  }

  CatalogPart with(SubscriptionGroupConfig group, long revision) {
    Map<String, SubscriptionGroupConfig> changed = new HashMap<>(groups);
    changed.put(group.name(), group);
    return new CatalogPart(index, revision, topics, changed);
  }

  CatalogPart withoutTopic(String name, long revision) {
    Map<String, TopicConfig> changed = new HashMap<>(topics);
    changed.remove(name);
    return new CatalogPart(index, revision, changed, groups);
  }

  CatalogPart withoutGroup(String name, long revision) {
    Map<String, SubscriptionGroupConfig> changed = new HashMap<>(groups);
    changed.remove(name);
    return new CatalogPart(index, revision, topics, changed);
  }

  /** Under which key each part is published to the nodes. */
  static Key<LWWRegister<CatalogPart>> key(int index) {
    return LWWRegisterKey.create("sampo-catalog-" + index);
  }

  static IntStream indexes() {
    return IntStream.range(0, COUNT);
  }
}
