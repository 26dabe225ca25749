package io.sampo.multijvm.official.driver;

import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialPuller;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageQueue;

/** {@link DefaultLitePullConsumer} behind the tests' interface. */
final class RocketPuller implements OfficialPuller {
  private static final int COMMIT_MILLIS = 1_000; // the least that the client takes

  private final DefaultLitePullConsumer consumer;

  private RocketPuller(DefaultLitePullConsumer consumer) {
    this.consumer = consumer;
  }

  static RocketPuller start(String nameServer, String group) throws MQClientException {
    DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group);
    RocketClient.configure(consumer, nameServer, RocketClient.uniqueInstance());
    consumer.setAutoCommitIntervalMillis(COMMIT_MILLIS);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.start();
    return new RocketPuller(consumer);
  }

  @Override
  public void assign(String topic, int queueId, long offset) throws ClientFailed {
    with(
        topic,
        queueId,
        queue -> {
          consumer.assign(List.of(queue));
          consumer.seek(queue, offset);
          return true;
        });
  }

  @Override
  public void subscribe(String topic, String tags) throws ClientFailed {
    try {
      consumer.subscribe(topic, tags);
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public void subscribeBySql(String topic, String condition) throws ClientFailed {
    try {
      consumer.subscribe(topic, MessageSelector.bySql(condition));
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public void pause(String topic, int queueId) throws ClientFailed {
    with(
        topic,
        queueId,
        queue -> {
          consumer.pause(List.of(queue));
          return true;
        });
  }

  @Override
  public void resume(String topic, int queueId) throws ClientFailed {
    with(
        topic,
        queueId,
        queue -> {
          consumer.resume(List.of(queue));
          return true;
        });
  }

  @Override
  public void seekToEnd(String topic, int queueId) throws ClientFailed {
    with(
        topic,
        queueId,
        queue -> {
          consumer.seekToEnd(queue);
          return true;
        });
  }

  @Override
  public long offsetForTimestamp(String topic, int queueId, long timestamp) throws ClientFailed {
    return with(topic, queueId, queue -> consumer.offsetForTimestamp(queue, timestamp));
  }

  @Override
  public List<Delivery> poll(Duration wait) {
    return RocketConsumer.deliveries(consumer.poll(wait.toMillis()));
  }

  @Override
  public long committed(String topic, int queueId) throws ClientFailed {
    return with(topic, queueId, consumer::committed);
  }

  private interface Step<T> {
    T with(MessageQueue queue) throws MQClientException;
  }

  private <T> T with(String topic, int queueId, Step<T> step) throws ClientFailed {
    try {
      return step.with(queue(topic, queueId));
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  private MessageQueue queue(String topic, int queueId) throws MQClientException {
    Collection<MessageQueue> queues = consumer.fetchMessageQueues(topic);
    return queues.stream()
        .filter(queue -> queue.getQueueId() == queueId)
        .findFirst()
        .orElseThrow(() -> new MQClientException("no queue " + queueId, null));
  }

  @Override
  public void close() {
    consumer.shutdown();
  }
}
