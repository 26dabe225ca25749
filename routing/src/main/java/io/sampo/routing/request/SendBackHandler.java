package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.actors.group.RecordReader.RecordFound;
import io.sampo.actors.group.RecordReader.RecordReply;
import io.sampo.actors.schedule.ScheduledMessage;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendBackRequestHeader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Messages that a consumer failed (36). The record is found by its position; a copy of it waits in
 * the same log group for its next try, or goes to the group's dead letters: after as many tries as
 * the consumer says or else its group may have, or at once when the consumer wants that.
 *
 * <p>The answer is given when the copy is stored. The consumer keeps the message until then, and on
 * any other answer sends it to the retry topic itself; the log recognises that, and keeps one copy.
 */
final class SendBackHandler implements RequestHandler {
  /** The level of the first retry, as RocketMQ has it: 10 s in its table. */
  private static final int FIRST_LEVEL = 3;

  private final RetryTarget targets;
  private final Brokers brokers;
  private final LeaderCache leaders;
  private final DeliveryTimes deliveryTimes;
  private final DeadLetters deadLetters;

  SendBackHandler(
      RetryTarget targets,
      DeadLetters deadLetters,
      Brokers brokers,
      LeaderCache leaders,
      DeliveryTimes deliveryTimes) {
    this.targets = targets;
    this.deadLetters = deadLetters;
    this.brokers = brokers;
    this.leaders = leaders;
    this.deliveryTimes = deliveryTimes;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    SendBackRequestHeader header = SendBackRequestHeader.read(command.fields());
    new Return(session.begin(command), brokers.broker(session.logGroup()), header).start();
  }

  /**
   * One request, from its header to its answer. Each step runs on the thread that it is told on.
   */
  private final class Return implements RetryTarget.GroupReceiver {
    private final Exchange request;
    private final Broker broker;
    private final SendBackRequestHeader header;

    Return(Exchange request, Broker broker, SendBackRequestHeader header) {
      this.request = request;
      this.broker = broker;
      this.header = header;
    }

    void start() {
      targets.find(header.group(), this);
    }

    @Override
    public void onRefused(int code, String remark) {
      request.answer(code, remark);
    }

    @Override
    public void onGroup(SubscriptionGroupConfig group, TopicConfig retryTopic) {
      leaders.tellPart(
          broker.name(),
          LogGroup.Part.RECORDS,
          new ReadRecord(header.offset(), reply -> onRecord(group, retryTopic, reply)));
    }

    private void onRecord(
        SubscriptionGroupConfig group, TopicConfig retryTopic, RecordReply reply) {
      if (reply instanceof RecordFound found) {
        withSlice(found.slice(), () -> onFound(group, retryTopic, found.slice()));
      } else if (reply instanceof NoRecord none) {
        onNone(none);
      }
    }

    private void onNone(NoRecord none) {
      switch (none) {
        case NO_SUCH_RECORD -> noSuchRecord();
        case READ_FAILED -> refuse(Refusals.READ_FAILED);
        case NOT_LEADING -> refuse(Refusals.NOT_LEADING);
      }
    }

    private void noSuchRecord() {
      request.answer(
          ResponseCode.SYSTEM_ERROR, "no message has the physical offset " + header.offset());
    }

    /** A step that leaves the slice to a draft or closes it, and closes it itself if it can't. */
    private void withSlice(LogSlice slice, Runnable step) {
      try {
        step.run();
      } catch (RuntimeException e) {
        slice.close();
        ClientSession.fail(request, e);
      }
    }

    private void onFound(SubscriptionGroupConfig group, TopicConfig retryTopic, LogSlice slice) {
      ByteBuffer records = slice.bytes();
      int at = records.position();
      if (request.isAnswered() || isInternal(MessageRecord.topic(records, at))) {
        slice.close();
        noSuchRecord(); // no effect when it is answered
        return;
      }
      int times = MessageRecord.reconsumeTimes(records, at);
      int timesMax =
          header.maxReconsumeTimes() >= 0 ? header.maxReconsumeTimes() : group.retryMaxTimes();
      if (header.delayLevel() < 0 || times >= timesMax) {
        giveUp(slice);
      } else {
        int level = header.delayLevel() > 0 ? header.delayLevel() : FIRST_LEVEL + times;
        tryAgain(retryTopic, slice, deliveryTimes.atLevel(level));
      }
    }

    private void tryAgain(TopicConfig retryTopic, LogSlice slice, long dueMs) {
      QueueKey queue =
          new QueueKey(
              retryTopic.name(), ThreadLocalRandom.current().nextInt(retryTopic.writeQueues()));
      MessageDraft copy = RetriedMessage.copy(slice, queue, false, broker.storeHost(), returned());
      if (copy.properties().length > ScheduledMessage.propertiesBytesMax(queue.topic())) {
        tooLong(slice);
        return;
      }
      leaders.tellPart(
          broker.name(),
          LogGroup.Part.SCHEDULE,
          new Scheduler.Schedule(
              List.of(ScheduledMessage.toSchedule(copy, dueMs)), this::onScheduled));
    }

    private void onScheduled(Scheduler.ScheduleReply reply) {
      if (reply instanceof Scheduler.Scheduled
          || reply instanceof Scheduler.ScheduledBefore
          || reply instanceof Scheduler.ScheduledNotOnAll) {
        request.answer(CommandHeader.NONE);
      } else if (reply instanceof Scheduler.NotAppended refused) {
        refuse(Refusals.of(refused.reason()));
      } else {
        refuse(Refusals.TOO_MANY_DELAYED);
      }
    }

    private void giveUp(LogSlice slice) {
      deadLetters.add(
          header.group(),
          broker.name(),
          slice,
          returned(),
          new DeadLetters.Receiver() {
            @Override
            public boolean
                isWanted() { // else the consumer has sent it to the retry topic meanwhile
              return !request.isAnswered();
            }

            @Override
            public void onStored() {
              request.answer(CommandHeader.NONE);
            }

            @Override
            public void onRefused(int code, String remark) {
              request.answer(code, remark);
            }

            @Override
            public void onRefused(Refusals refusal) {
              refusal.answer(request);
            }

            @Override
            public void onFailed(RuntimeException cause) {
              ClientSession.fail(request, cause);
            }
          });
    }

    private Returned returned() {
      return Returned.from(header.group(), header.offset(), request.client().port());
    }

    private void tooLong(LogSlice slice) {
      slice.close();
      request.answer(
          ResponseCode.MESSAGE_ILLEGAL,
          "the message's properties leave no room for where it came from");
    }

    private void refuse(Refusals refusal) {
      refusal.answer(request);
    }
  }

  /** Records that no client may see, wherever their position is known from. */
  private static boolean isInternal(String topic) {
    return Names.isReserved(topic) || CatalogRules.topicNameRefusal(topic) != null;
  }
}
