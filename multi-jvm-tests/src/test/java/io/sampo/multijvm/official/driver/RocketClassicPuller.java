package io.sampo.multijvm.official.driver;

import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialClassicPuller;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.rocketmq.client.MQAdmin;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** {@link DefaultMQPullConsumer} behind the tests' interface. */
@SuppressWarnings("deprecation") // applications still use it
final class RocketClassicPuller implements OfficialClassicPuller {
  private final DefaultMQPullConsumer consumer;
  private final MQAdmin offsets; // the consumer, by the interface that has the questions
  private List<MessageExt> last = List.of();

  private RocketClassicPuller(DefaultMQPullConsumer consumer) {
    this.consumer = consumer;
    this.offsets = consumer;
  }

  static RocketClassicPuller start(String nameServer, String group, String topic)
      throws MQClientException {
    DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(group);
    RocketClient.configure(consumer, nameServer, RocketClient.uniqueInstance());
    consumer.setRegisterTopics(Set.of(topic));
    consumer.start();
    return new RocketClassicPuller(consumer);
  }

  @Override
  public List<Integer> queues(String topic) throws ClientFailed {
    return call(
        () ->
            consumer.fetchSubscribeMessageQueues(topic).stream()
                .map(MessageQueue::getQueueId)
                .sorted()
                .toList());
  }

  @Override
  public List<Integer> ownQueues(String topic) throws ClientFailed {
    return call(
        () ->
            consumer.fetchMessageQueuesInBalance(topic).stream()
                .map(MessageQueue::getQueueId)
                .sorted()
                .toList());
  }

  @Override
  public Pulled pull(String topic, int queueId, String tags, long offset, int max)
      throws ClientFailed {
    return call(() -> pulled(consumer.pull(queue(topic, queueId), tags, offset, max)));
  }

  @Override
  public Pulled pullBySql(String topic, int queueId, String condition, long offset, int max)
      throws ClientFailed {
    return call(
        () ->
            pulled(
                consumer.pull(
                    queue(topic, queueId), MessageSelector.bySql(condition), offset, max)));
  }

  @Override
  public Pulled pullOrWait(String topic, int queueId, long offset, int max) throws ClientFailed {
    return call(
        () -> pulled(consumer.pullBlockIfNotFound(queue(topic, queueId), "*", offset, max)));
  }

  private Pulled pulled(PullResult result) {
    List<MessageExt> found = result.getMsgFoundList();
    last = found == null ? List.of() : found;
    return new Pulled(
        result.getPullStatus().name(),
        result.getNextBeginOffset(),
        result.getMinOffset(),
        result.getMaxOffset(),
        RocketConsumer.deliveries(last));
  }

  @Override
  public void commit(String topic, int queueId, long offset) throws ClientFailed {
    call(
        () -> {
          consumer.updateConsumeOffset(queue(topic, queueId), offset);
          return true;
        });
  }

  @Override
  public long committed(String topic, int queueId) throws ClientFailed {
    return call(() -> consumer.fetchConsumeOffset(queue(topic, queueId), true));
  }

  @Override
  public void giveBack(Delivery message, int delayLevel) throws ClientFailed {
    MessageExt pulled =
        last.stream()
            .filter(candidate -> candidate.getMsgId().equals(message.msgId()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("not pulled last: " + message));
    call(
        () -> {
          consumer.sendMessageBack(pulled, delayLevel);
          return true;
        });
  }

  @Override
  public long minOffset(String topic, int queueId) throws ClientFailed {
    return call(() -> offsets.minOffset(queue(topic, queueId)));
  }

  @Override
  public long maxOffset(String topic, int queueId) throws ClientFailed {
    return call(() -> offsets.maxOffset(queue(topic, queueId)));
  }

  @Override
  public long searchOffset(String topic, int queueId, long timestamp) throws ClientFailed {
    return call(() -> offsets.searchOffset(queue(topic, queueId), timestamp));
  }

  @Override
  public long earliestStoredAt(String topic, int queueId) throws ClientFailed {
    return call(() -> offsets.earliestMsgStoreTime(queue(topic, queueId)));
  }

  private MessageQueue queue(String topic, int queueId) throws MQClientException {
    return consumer.fetchSubscribeMessageQueues(topic).stream()
        .filter(queue -> queue.getQueueId() == queueId)
        .findFirst()
        .orElseThrow(() -> new MQClientException("no queue " + queueId, null));
  }

  private static <T> T call(Callable<T> work) throws ClientFailed {
    try {
      return work.call();
    } catch (Exception e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public void close() {
    consumer.shutdown();
  }
}
