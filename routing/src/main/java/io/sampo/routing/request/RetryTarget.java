package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.wire.ResponseCode;

/**
 * Where messages go that a consumer group failed: its retry topic, or the topic of its dead
 * letters, which is made when the first one needs it. Any thread.
 */
final class RetryTarget {
  private static final int DEAD_LETTER_QUEUES = 1;

  private final Topics topics;
  private final Groups groups;

  RetryTarget(Topics topics, Groups groups) {
    this.topics = topics;
    this.groups = groups;
  }

  /** Takes a group with its retry topic, or the reason why there is none. */
  interface GroupReceiver {
    void onGroup(SubscriptionGroupConfig group, TopicConfig retryTopic);

    void onRefused(int code, String remark);
  }

  /** Takes the topic of a group's dead letters, or the reason why there is none. */
  interface TopicReceiver {
    void onTopic(TopicConfig topic);

    void onRefused(int code, String remark);
  }

  /** Finds a group and its retry topic; a topic without that permission is no answer. */
  void find(String name, GroupReceiver receiver) {
    String problem = CatalogRules.groupNameRefusal(name);
    if (problem != null) {
      receiver.onRefused(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, problem);
      return;
    }
    SubscriptionGroupConfig group = groups.known(name);
    TopicConfig retryTopic = topics.known(CatalogRules.RETRY_PREFIX + name);
    if (group != null && retryTopic != null) {
      found(group, retryTopic, receiver);
      return;
    }
    groups.lookUp(
        name,
        reply -> {
          if (reply instanceof GroupFound found) {
            found(found.group(), found.retryTopic(), receiver);
          } else if (reply == null) {
            receiver.onRefused(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
          } else {
            receiver.onRefused(
                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the group " + name + " does not exist");
          }
        });
  }

  private static void found(
      SubscriptionGroupConfig group, TopicConfig retryTopic, GroupReceiver receiver) {
    if (retryTopic.isWritable()) {
      receiver.onGroup(group, retryTopic);
    } else {
      receiver.onRefused(ResponseCode.NO_PERMISSION, notWritable(retryTopic));
    }
  }

  /** Finds or makes the topic of a group's dead letters. */
  void findDeadLetters(String group, TopicReceiver receiver) {
    String name = CatalogRules.DEAD_LETTER_PREFIX + group;
    TopicConfig known = topics.known(name);
    if (known != null) {
      found(known, receiver);
      return;
    }
    topics.create(
        TopicConfig.of(name, DEAD_LETTER_QUEUES, TopicConfig.PERM_READ | TopicConfig.PERM_WRITE),
        reply -> {
          if (reply instanceof TopicFound found) {
            found(found.topic(), receiver);
          } else if (reply instanceof CatalogRefused refused) {
            receiver.onRefused(ResponseCode.MESSAGE_ILLEGAL, refused.reason());
          } else {
            receiver.onRefused(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
          }
        });
  }

  private static void found(TopicConfig topic, TopicReceiver receiver) {
    if (topic.isWritable()) {
      receiver.onTopic(topic);
    } else {
      receiver.onRefused(ResponseCode.NO_PERMISSION, notWritable(topic));
    }
  }

  private static String notWritable(TopicConfig topic) {
    return "the topic " + topic.name() + " does not allow writing";
  }
}
