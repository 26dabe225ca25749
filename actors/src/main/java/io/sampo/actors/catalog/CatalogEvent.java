package io.sampo.actors.catalog;

import io.sampo.cluster.serialization.ControlMessage;

/** What happened to the catalog, as the journal keeps it. */
sealed interface CatalogEvent extends ControlMessage {
  /** A topic was created or replaced. */
  record TopicPut(TopicConfig topic) implements CatalogEvent {}

  /** A group was created or replaced, and with it its retry topic. */
  record GroupPut(SubscriptionGroupConfig group, TopicConfig retryTopic) implements CatalogEvent {}
}
