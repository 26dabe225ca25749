package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;

/** Topics whose names mean something to the way they are sent to. */
final class Names {
  private Names() {}

  /** True for the topic of a group's messages that are to be consumed again. */
  static boolean isRetry(String topic) {
    return topic.startsWith(CatalogRules.RETRY_PREFIX);
  }

  /** True for what no client wrote: its records are the broker's own business. */
  static boolean isHidden(String topic) {
    return isReserved(topic) || CatalogRules.topicNameRefusal(topic) != null;
  }

  /** True for topics that only the broker itself writes to. */
  static boolean isReserved(String topic) {
    return switch (topic) {
      case "SCHEDULE_TOPIC_XXXX",
          "RMQ_SYS_TRANS_HALF_TOPIC",
          "RMQ_SYS_TRANS_OP_HALF_TOPIC",
          "TRANS_CHECK_MAX_TIME_TOPIC",
          "SELF_TEST_TOPIC",
          "OFFSET_MOVED_EVENT" ->
          true;
      default -> topic.startsWith("rmq_sys_") || topic.startsWith("SAMPO_SYS_");
    };
  }
}
