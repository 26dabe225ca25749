package io.sampo.actors.catalog;

import io.sampo.cluster.serialization.ControlMessage;

/** What happened to the catalog, as the journal keeps it. */
sealed interface CatalogEvent extends ControlMessage {
  /** A topic was created or replaced. */
  record TopicPut(TopicConfig topic) implements CatalogEvent {}

  /** A group was created or replaced, and with it its retry topic. */
  record GroupPut(SubscriptionGroupConfig group, TopicConfig retryTopic) implements CatalogEvent {}

  /** A topic that was there exists no more. */
  record TopicDeleted(String name) implements CatalogEvent {}

  /** A group that was there exists no more, and neither does its retry topic. */
  record GroupDeleted(String name) implements CatalogEvent {}
}
