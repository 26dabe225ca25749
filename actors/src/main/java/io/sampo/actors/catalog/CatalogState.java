package io.sampo.actors.catalog;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All topics and groups that were put, which is what the journal and its snapshots hold. Never
 * changed once made. Every group has its retry topic.
 *
 * @param revision how many events made it
 * @param topicCount topics in all parts
 * @param groupCount groups in all parts
 * @param queueCount queues of these topics in one log group
 * @param parts by index, those without anything left out
 */
record CatalogState(
    long revision, int topicCount, int groupCount, int queueCount, Map<Integer, CatalogPart> parts)
    implements ControlMessage {
  static final CatalogState EMPTY = new CatalogState(0, 0, 0, 0, Map.of());

  CatalogState {
    parts = Map.copyOf(parts);
  }

  @Nullable TopicConfig topic(String name) {
    return partOf(name).topics().get(name);
  }

  @Nullable SubscriptionGroupConfig group(String name) {
    return partOf(name).groups().get(name);
  }

  CatalogPart partOf(String name) {
    int index = CatalogPart.indexOf(name);
    CatalogPart part = parts.get(index);
    return part == null ? CatalogPart.empty(index) : part;
  }

  CatalogState apply(CatalogEvent event) {
    if (event instanceof CatalogEvent.TopicPut put) {
      return with(put.topic(), revision + 1);
    }
    if (event instanceof CatalogEvent.TopicDeleted deleted) {
      return withoutTopic(deleted.name(), revision + 1);
    }
    if (event instanceof CatalogEvent.GroupDeleted deleted) {
      return withoutTopic(CatalogRules.RETRY_PREFIX + deleted.name(), revision + 1)
          .withoutGroup(deleted.name(), revision + 1);
    }
    CatalogEvent.GroupPut put = (CatalogEvent.GroupPut) event;
    return with(put.retryTopic(), revision + 1).with(put.group(), revision + 1);
  }

  /** The queues that a topic takes of one log group. */
  static int queues(@Nullable TopicConfig topic) {
    return topic == null ? 0 : Math.max(topic.readQueues(), topic.writeQueues());
  }

  private CatalogState with(TopicConfig topic, long newRevision) {
    TopicConfig before = topic(topic.name());
    return new CatalogState(
        newRevision,
        topicCount + (before == null ? 1 : 0),
        groupCount,
        queueCount + queues(topic) - queues(before),
        replace(partOf(topic.name()).with(topic, newRevision)));
  }

  private CatalogState with(SubscriptionGroupConfig group, long newRevision) {
    return new CatalogState(
        newRevision,
        topicCount,
        groupCount + (group(group.name()) == null ? 1 : 0),
        queueCount,
        replace(partOf(group.name()).with(group, newRevision)));
  }

  private CatalogState withoutTopic(String name, long newRevision) {
    TopicConfig before = topic(name);
    return new CatalogState(
        newRevision,
        topicCount - (before == null ? 0 : 1),
        groupCount,
        queueCount - queues(before),
        replace(partOf(name).withoutTopic(name, newRevision)));
  }

  private CatalogState withoutGroup(String name, long newRevision) {
    return new CatalogState(
        newRevision,
        topicCount,
        groupCount - (group(name) == null ? 0 : 1),
        queueCount,
        replace(partOf(name).withoutGroup(name, newRevision)));
  }

  private Map<Integer, CatalogPart> replace(CatalogPart part) {
    Map<Integer, CatalogPart> changed = new HashMap<>(parts);
    changed.put(part.index(), part);
    return changed;
  }
}
