package io.sampo.multijvm.official.driver;

import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageClientExt;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;

/** {@link DefaultMQPushConsumer} behind the tests' interface. */
final class RocketConsumer implements OfficialConsumer {
  private final DefaultMQPushConsumer consumer;
  private final Runnable closeToo;

  private RocketConsumer(DefaultMQPushConsumer consumer) {
    this(consumer, () -> {});
  }

  private RocketConsumer(DefaultMQPushConsumer consumer, Runnable closeToo) {
    this.consumer = consumer;
    this.closeToo = closeToo;
  }

  static RocketConsumer start(ConsumerSpec spec, Consumer<Delivery> listener)
      throws MQClientException, ReflectiveOperationException {
    MessageListenerConcurrently deliver =
        (messages, context) -> {
          messages.forEach(message -> listener.accept(delivery(message)));
          return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        };
    DefaultMQPushConsumer consumer = configured(spec);
    consumer.registerMessageListener(deliver);
    consumer.start();
    return new RocketConsumer(consumer);
  }

  static RocketConsumer startOrderly(ConsumerSpec spec, Predicate<Delivery> listener)
      throws MQClientException, ReflectiveOperationException {
    MessageListenerOrderly deliver =
        (messages, context) ->
            listener.test(delivery(messages.get(0)))
                ? ConsumeOrderlyStatus.SUCCESS
                : ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    DefaultMQPushConsumer consumer = configured(spec);
    consumer.registerMessageListener(deliver);
    consumer.start();
    return new RocketConsumer(consumer);
  }

  static RocketConsumer startPop(
      ConsumerSpec spec, long invisibleMillis, Predicate<Delivery> listener)
      throws MQClientException, ReflectiveOperationException {
    MessageListenerConcurrently deliver =
        (messages, context) ->
            listener.test(delivery(messages.get(0)))
                ? ConsumeConcurrentlyStatus.CONSUME_SUCCESS
                : ConsumeConcurrentlyStatus.RECONSUME_LATER;
    DefaultMQPushConsumer consumer = configured(spec);
    ClientSettings.set(consumer, "clientRebalance", "false"); // 4.9 has neither
    ClientSettings.set(consumer, "popInvisibleTime", Long.toString(invisibleMillis));
    consumer.registerMessageListener(deliver);
    consumer.start();
    return new RocketConsumer(consumer);
  }

  static RocketConsumer startReplier(ConsumerSpec spec, UnaryOperator<byte[]> reply)
      throws MQClientException, ReflectiveOperationException {
    DefaultMQProducer producer = new DefaultMQProducer(spec.group() + "-replies");
    RocketClient.configure(producer, spec.nameServer(), RocketClient.uniqueInstance());
    producer.start();
    MessageListenerConcurrently deliver =
        (messages, context) -> {
          for (MessageExt message : messages) {
            if (MessageUtil.getReplyToClient(message) == null) {
              continue; // nobody waits
            }
            try {
              producer.send(
                  MessageUtil.createReplyMessage(message, reply.apply(message.getBody())));
            } catch (Exception e) {
              throw new IllegalStateException("the reply was refused", e);
            }
          }
          return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        };
    DefaultMQPushConsumer consumer = configured(spec);
    consumer.registerMessageListener(deliver);
    consumer.start();
    return new RocketConsumer(consumer, producer::shutdown);
  }

  private static DefaultMQPushConsumer configured(ConsumerSpec spec)
      throws MQClientException, ReflectiveOperationException {
    DefaultMQPushConsumer consumer =
        new DefaultMQPushConsumer(
            spec.group(), null, new AllocateMessageQueueAveragely(), spec.traced(), null);
    RocketClient.configure(consumer, spec.nameServer(), spec.instance());
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    ClientSettings.set(
        consumer, "messageModel", spec.broadcasting() ? "BROADCASTING" : "CLUSTERING");
    consumer.setConsumeThreadMin(spec.threads());
    consumer.setConsumeThreadMax(spec.threads());
    consumer.setConsumeMessageBatchMaxSize(1);
    consumer.setMaxReconsumeTimes(spec.reconsumeMax());
    ClientSettings.apply(spec.settings(), consumer);
    if (spec.sql()) {
      consumer.subscribe(spec.topic(), MessageSelector.bySql(spec.expression()));
    } else {
      consumer.subscribe(spec.topic(), spec.expression());
    }
    return consumer;
  }

  static Delivery delivery(MessageExt message) {
    return new Delivery(
        message.getTopic(),
        orEmpty(message.getBrokerName()),
        message.getQueueId(),
        message.getQueueOffset(),
        message.getMsgId(),
        message instanceof MessageClientExt client ? client.getOffsetMsgId() : message.getMsgId(),
        orEmpty(message.getTags()),
        orEmpty(message.getKeys()),
        message.getBody(),
        message.getProperties(),
        message.getReconsumeTimes(),
        message.getStoreTimestamp());
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  @SuppressWarnings("deprecation") // deprecated without another way to ask a 4.9 client
  public Set<Integer> assignedQueues(String topic) {
    return consumer
        .getDefaultMQPushConsumerImpl()
        .getRebalanceImpl()
        .getProcessQueueTable()
        .keySet()
        .stream()
        .filter(queue -> queue.getTopic().equals(topic))
        .map(queue -> queue.getQueueId())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  @SuppressWarnings("deprecation") // as above
  public long cachedMessages(String topic) {
    return consumer
        .getDefaultMQPushConsumerImpl()
        .getRebalanceImpl()
        .getProcessQueueTable()
        .entrySet()
        .stream()
        .filter(queue -> queue.getKey().getTopic().equals(topic))
        .mapToLong(queue -> queue.getValue().getMsgCount().get())
        .sum();
  }

  @Override
  public void pause() {
    consumer.suspend();
  }

  @Override
  public void resume() {
    consumer.resume();
  }

  @Override
  public void selectBySql(String topic, String condition) throws ClientFailed {
    try {
      consumer.subscribe(topic, MessageSelector.bySql(condition));
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public void close() {
    consumer.shutdown();
    closeToo.run();
  }

  static List<Delivery> deliveries(List<MessageExt> messages) {
    return messages.stream().map(RocketConsumer::delivery).toList();
  }
}
