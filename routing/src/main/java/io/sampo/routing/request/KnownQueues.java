package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.ResponseCode;
import org.jspecify.annotations.Nullable;

/** Topics and groups as most requests about queues need them, and what to answer without them. */
final class KnownQueues {
  private final Topics topics;
  private final Groups groups;

  KnownQueues(Topics topics, Groups groups) {
    this.topics = topics;
    this.groups = groups;
  }

  /** The topic, null when this node doesn't know it. */
  @Nullable TopicConfig topic(String name) {
    return topics.known(name);
  }

  /** The group, null when this node doesn't know it. */
  @Nullable SubscriptionGroupConfig group(String name) {
    return groups.known(name);
  }

  /**
   * Answers a request about a topic that this node doesn't know. When the catalog does, the client
   * has to try again, and the node's copy is fresh by then.
   */
  void answerUnknownTopic(Exchange request, String name) {
    String problem = CatalogRules.topicNameRefusal(name);
    if (problem != null) {
      request.answer(ResponseCode.TOPIC_NOT_EXIST, problem);
      return;
    }
    topics.lookUp(
        name,
        reply -> {
          if (reply == null || reply instanceof TopicFound) {
            request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
          } else {
            request.answer(ResponseCode.TOPIC_NOT_EXIST, "the topic " + name + " does not exist");
          }
        });
  }

  /** Goes on once the group exists; one that this node hasn't heard of is made. */
  void withGroup(Exchange request, String name, Runnable step) {
    if (groups.known(name) != null) {
      step.run();
      return;
    }
    String problem = CatalogRules.groupNameRefusal(name);
    if (problem != null) {
      request.answer(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, problem);
      return;
    }
    groups.ensure(
        name,
        reply -> {
          if (reply instanceof GroupFound) {
            step.run();
          } else if (reply instanceof CatalogRefused refused) {
            request.answer(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, refused.reason());
          } else {
            request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
          }
        });
  }
}
