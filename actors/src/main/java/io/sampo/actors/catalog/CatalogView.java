package io.sampo.actors.catalog;

import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A node's own copy of the catalog, kept by Distributed Data. Reads answer from memory on any
 * thread. A copy may lag: a topic that it doesn't know may exist, so before saying "no such topic"
 * ask with {@link #lookUpTopic}.
 */
public interface CatalogView {
  /** The topic, or null when this copy doesn't know it. */
  @Nullable TopicConfig topic(String name);

  /** The group, or null when this copy doesn't know it. */
  @Nullable SubscriptionGroupConfig group(String name);

  Collection<TopicConfig> topics();

  /**
   * Asks the catalog itself and takes the answer into this copy. Fails when the catalog can't be
   * reached in time.
   */
  CompletionStage<Catalog.TopicReply> lookUpTopic(String name);

  /**
   * Creates the topic unless it is there, and takes the answer into this copy. Fails when the
   * catalog can't be reached in time.
   */
  CompletionStage<Catalog.TopicReply> ensureTopic(TopicConfig wanted);

  /**
   * Creates the group and its retry topic unless they are there, and takes the answer into this
   * copy.
   */
  CompletionStage<Catalog.GroupReply> ensureGroup(SubscriptionGroupConfig wanted);
}
