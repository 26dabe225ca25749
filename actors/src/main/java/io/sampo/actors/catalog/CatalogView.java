package io.sampo.actors.catalog;

import java.util.Collection;
import java.util.Set;
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

  /** All topics that this copy knows, as they are now; in no order. */
  Collection<TopicConfig> topics();

  /** All groups that this copy knows, as they are now; in no order. */
  Collection<SubscriptionGroupConfig> groups();

  /** The highest revision of the catalog that this copy has anything of; it only grows. */
  long revision();

  /**
   * Asks the catalog itself and takes the answer into this copy. Fails with {@link
   * CatalogUnreachableException} when the catalog can't be reached in time.
   */
  CompletionStage<Catalog.TopicReply> lookUpTopic(String name);

  /**
   * Creates the topic unless it is there, and takes the answer into this copy. Fails with {@link
   * CatalogUnreachableException} when the catalog can't be reached in time; it may exist then.
   */
  CompletionStage<Catalog.TopicReply> ensureTopic(TopicConfig wanted);

  /**
   * Creates or replaces a topic, see {@link Catalog.PutTopic}, and takes the answer into this copy.
   * Fails with {@link CatalogUnreachableException} when the catalog can't be reached in time; it
   * may have been done then. So do those below.
   *
   * @param attributesRemoved names of attributes that it shall not have any more
   */
  CompletionStage<Catalog.TopicReply> putTopic(TopicConfig topic, Set<String> attributesRemoved);

  /** Deletes a topic, see {@link Catalog.DeleteTopic}, and forgets it in this copy. */
  CompletionStage<Catalog.TopicReply> deleteTopic(String name);

  /** Asks the catalog itself and takes the answer into this copy. */
  CompletionStage<Catalog.GroupReply> lookUpGroup(String name);

  /** Creates or replaces a group, see {@link Catalog.PutGroup}; takes it into this copy. */
  CompletionStage<Catalog.GroupReply> putGroup(SubscriptionGroupConfig group);

  /** Deletes a group, see {@link Catalog.DeleteGroup}, and forgets it in this copy. */
  CompletionStage<Catalog.GroupReply> deleteGroup(String name);

  /**
   * Creates the group and its retry topic unless they are there, and takes the answer into this
   * copy. Fails with {@link CatalogUnreachableException} when the catalog can't be reached in time;
   * both may exist then.
   */
  CompletionStage<Catalog.GroupReply> ensureGroup(SubscriptionGroupConfig wanted);
}
