package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.QueueLocking.LockQueues;
import io.sampo.actors.consumer.QueueLocking.LockReply;
import io.sampo.actors.consumer.QueueLocking.QueuesLocked;
import io.sampo.actors.consumer.QueueLocking.UnlockQueues;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.LockedQueues;
import io.sampo.wire.body.QueueLockData;
import io.sampo.wire.body.QueueName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Locks of queues that are consumed in order: taken and renewed (41), given back (42).
 *
 * <p>Which log group is meant says the port; broker names are told back as they came. A queue that
 * this node doesn't know is not locked and not an error: clients ask again for what is missing in
 * the answer, and the copy of the catalog may lag.
 */
final class LockHandler implements RequestHandler {
  private final Topics topics;
  private final Groups groups;
  private final LeaderCache leaders;

  LockHandler(Topics topics, Groups groups, LeaderCache leaders) {
    this.topics = topics;
    this.groups = groups;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.LOCK_BATCH_MQ -> lock(session, command);
      case RequestCode.UNLOCK_BATCH_MQ -> unlock(session, command);
      default -> throw new IllegalArgumentException("not about locks: " + command.code());
    }
  }

  private void lock(ClientSession session, RemotingCommand command) {
    QueueLockData data = QueueLockData.fromJson(command.body());
    Exchange request = session.begin(command);
    String logGroup = session.logGroup();
    String problem = CatalogRules.clientIdRefusal(data.clientId());
    if (problem != null) {
      request.answer(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    if (groups.known(data.group()) == null) {
      Refusals.of(GroupRefused.NOT_A_MEMBER).answer(request);
      return;
    }
    List<QueueName> asked = data.queues().stream().filter(this::exists).toList();
    leaders.tellGroup(
        data.group(),
        new LockQueues(
            data.clientId(),
            asked.stream().map(queue -> groupQueue(logGroup, queue)).toList(),
            reply -> onLocked(request, logGroup, asked, reply)));
  }

  private static void onLocked(
      Exchange request, String logGroup, List<QueueName> asked, LockReply reply) {
    if (reply instanceof QueuesLocked locked) {
      Set<GroupQueue> held = new HashSet<>(locked.queues());
      List<QueueName> names =
          asked.stream().filter(queue -> held.contains(groupQueue(logGroup, queue))).toList();
      request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(new LockedQueues(names).toJson()));
    } else {
      onReply(request, reply);
    }
  }

  /** Also queues that are gone meanwhile: their locks are given back as others are. */
  private void unlock(ClientSession session, RemotingCommand command) {
    QueueLockData data = QueueLockData.fromJson(command.body());
    Exchange request = session.begin(command);
    String logGroup = session.logGroup();
    if (groups.known(data.group()) == null) {
      request.answer(CommandHeader.NONE); // it has no locks
      return;
    }
    List<GroupQueue> queues = new ArrayList<>();
    for (QueueName queue : data.queues()) {
      if (queue.queueId() >= 0 && !queue.topic().isEmpty()) {
        queues.add(groupQueue(logGroup, queue));
      }
    }
    leaders.tellGroup(
        data.group(), new UnlockQueues(data.clientId(), queues, reply -> onReply(request, reply)));
  }

  private static void onReply(Exchange request, LockReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else {
      request.answer(CommandHeader.NONE);
    }
  }

  private boolean exists(QueueName queue) {
    TopicConfig topic = topics.known(queue.topic());
    return topic != null
        && queue.queueId() >= 0
        && queue.queueId() < Math.max(topic.readQueues(), topic.writeQueues());
  }

  private static GroupQueue groupQueue(String logGroup, QueueName queue) {
    return new GroupQueue(logGroup, new QueueKey(queue.topic(), queue.queueId()));
  }
}
