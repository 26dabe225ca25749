package io.sampo.client;

import io.sampo.record.MessageProperties;
import io.sampo.wire.body.SubscriptionData;

/**
 * A topic that a consumer has subscribed to.
 *
 * @param data as brokers get to know it
 * @param listener who takes the messages
 */
record Subscription(SubscriptionData data, MessageListener listener) {
  /** Brokers filter by the tag's hash, which two tags may share; so we look at the tag itself. */
  boolean wants(ReceivedMessage message) {
    if (data.isAll()) {
      return true;
    }
    String tag = message.property(MessageProperties.TAGS);
    return tag != null && data.tags().contains(tag);
  }
}
