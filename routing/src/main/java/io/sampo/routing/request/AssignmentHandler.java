package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.Popping.GetMode;
import io.sampo.actors.consumer.Popping.Mode;
import io.sampo.actors.consumer.Popping.ModeIs;
import io.sampo.actors.consumer.Popping.ModeReply;
import io.sampo.actors.consumer.Popping.SetMode;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.Brokers.Broker;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.AssignmentQuery;
import io.sampo.wire.body.QueueAssignments;
import io.sampo.wire.body.QueueName;
import io.sampo.wire.body.RequestModeData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which queues a client is to consume and how, for clients that leave this to the broker (400), and
 * whether a group pops or pulls a topic (401). The answer is about the queues of all brokers.
 *
 * <p>Where nothing is known the answer is an empty assignment, not an error: after an error clients
 * share queues out by themselves for as long as they run.
 */
final class AssignmentHandler implements RequestHandler {
  /** In place of a queue id: all of the broker's. */
  private static final int ALL_QUEUES = -1;

  private static final String BROADCASTING = "BROADCASTING";

  private final KnownQueues known;
  private final Brokers brokers;
  private final LeaderCache leaders;

  AssignmentHandler(KnownQueues known, Brokers brokers, LeaderCache leaders) {
    this.known = known;
    this.brokers = brokers;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.QUERY_ASSIGNMENT -> query(session, command);
      case RequestCode.SET_MESSAGE_REQUEST_MODE -> setMode(session, command);
      default -> throw new IllegalArgumentException("not about assignments: " + command.code());
    }
  }

  private void setMode(ClientSession session, RemotingCommand command) {
    RequestModeData data = RequestModeData.fromJson(command.body());
    Exchange request = session.begin(command);
    if (Names.isRetry(data.topic())) {
      request.answer(ResponseCode.NO_PERMISSION, "a retry topic is always pulled");
    } else if (known.topic(data.topic()) == null) {
      known.answerUnknownTopic(request, data.topic());
    } else {
      known.withGroup(
          request,
          data.group(),
          () ->
              leaders.tellGroup(
                  data.group(),
                  new SetMode(
                      data.topic(),
                      new Mode(data.pop(), data.sharedQueues()),
                      reply -> onModeSet(request, reply))));
    }
  }

  private static void onModeSet(Exchange request, ModeReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else {
      request.answer(CommandHeader.NONE);
    }
  }

  private void query(ClientSession session, RemotingCommand command) {
    AssignmentQuery query = AssignmentQuery.fromJson(command.body());
    Exchange request = session.begin(command);
    if (!QueueShares.isKnown(query.strategy())) {
      request.answer(ResponseCode.INVALID_PARAMETER, "no strategy is called " + query.strategy());
      return;
    }
    TopicConfig topic = known.topic(query.topic());
    if (topic == null || known.group(query.group()) == null) {
      answer(request, List.of(), false);
    } else if (query.messageModel().equals(BROADCASTING)) {
      answer(request, allQueues(topic), false);
    } else if (Names.isRetry(query.topic())) {
      withMembers(request, query, members -> answerPull(request, query, topic, members));
    } else {
      leaders.tellGroup(
          query.group(), new GetMode(query.topic(), reply -> onMode(request, query, topic, reply)));
    }
  }

  private void onMode(Exchange request, AssignmentQuery query, TopicConfig topic, ModeReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else if (reply instanceof ModeIs is) {
      Mode mode = is.mode();
      if (mode.pop() && mode.sharedQueues() <= 0) {
        answer(
            request,
            brokers.of(topic).stream()
                .map(broker -> new QueueName(broker.name(), topic.name(), ALL_QUEUES))
                .toList(),
            true);
      } else {
        withMembers(
            request,
            query,
            members -> {
              if (mode.pop()) {
                QueueShares shares = new QueueShares(query.strategy(), allQueues(topic), members);
                answer(request, shares.shared(query.clientId(), mode.sharedQueues()), true);
              } else {
                answerPull(request, query, topic, members);
              }
            });
      }
    }
  }

  private void answerPull(
      Exchange request, AssignmentQuery query, TopicConfig topic, List<String> members) {
    QueueShares shares = new QueueShares(query.strategy(), allQueues(topic), members);
    answer(request, shares.own(query.clientId()), false);
  }

  private void withMembers(Exchange request, AssignmentQuery query, Consumer<List<String>> step) {
    leaders.tellGroup(
        query.group(),
        new GetMembers(
            reply -> {
              if (reply instanceof Members members) {
                step.accept(members.clientIds());
              } else if (reply instanceof GroupRefused refused) {
                Refusals.of(refused).answer(request);
              }
            }));
  }

  /** In the order that clients sort them in, by broker and number. */
  private List<QueueName> allQueues(TopicConfig topic) {
    List<QueueName> queues = new ArrayList<>();
    for (Broker broker : brokers.of(topic)) {
      for (int id = 0; id < topic.readQueues(); id++) {
        queues.add(new QueueName(broker.name(), topic.name(), id));
      }
    }
    queues.sort(Comparator.comparing(QueueName::broker).thenComparingInt(QueueName::queueId));
    return queues;
  }

  private static void answer(Exchange request, List<QueueName> queues, boolean pop) {
    byte[] body = new QueueAssignments(queues, pop).toJson();
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }
}
