package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.ConsumerGroup.MembersReply;
import io.sampo.actors.group.LogGroup.Part;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.actors.group.RecordReader.RecordFound;
import io.sampo.actors.group.RecordReader.RecordReply;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageRecord;
import io.sampo.routing.net.ClientReply;
import io.sampo.routing.net.ClientReply.Answered;
import io.sampo.routing.net.ClientReply.Unanswered;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.ForClient.Whom;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.ConsumeDirectlyRequestHeader;
import io.sampo.wire.header.RunningInfoRequestHeader;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What tools ask one consumer through a broker: what it says of itself (307), and to consume one
 * message (309). The question goes on to the consumer, and its answer back as it came.
 *
 * <p>The consumer has to be a member of the group; a node that it isn't connected to has another
 * ask it. It has {@link #LIMIT} to answer; one that consumes a message for longer may still do so
 * when the tool was told that it took too long.
 */
final class ClientCallHandler implements RequestHandler {
  /** As RocketMQ; mqadmin waits a little longer. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private final Groups groups;
  private final LeaderCache leaders;
  private final ConnectedClients clients;
  private final OtherNodes others;

  ClientCallHandler(
      Groups groups, LeaderCache leaders, ConnectedClients clients, OtherNodes others) {
    this.groups = groups;
    this.leaders = leaders;
    this.clients = clients;
    this.others = others;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.GET_CONSUMER_RUNNING_INFO -> runningInfo(session, command);
      case RequestCode.CONSUME_MESSAGE_DIRECTLY -> consume(session, command);
      default -> throw new IllegalArgumentException("not for a consumer: " + command.code());
    }
  }

  private void runningInfo(ClientSession session, RemotingCommand command) {
    RunningInfoRequestHeader header = RunningInfoRequestHeader.read(command.fields());
    Exchange request = session.exchange(command);
    if (mayBegin(session, request)) {
      withMember(
          request,
          header.consumerGroup(),
          header.clientId(),
          () -> ask(request, header.clientId(), header, new byte[0]));
    }
  }

  private void consume(ClientSession session, RemotingCommand command) {
    ConsumeDirectlyRequestHeader header = ConsumeDirectlyRequestHeader.read(command.fields());
    Exchange request = session.exchange(command);
    if (!mayBegin(session, request)) {
      return;
    }
    long position;
    try {
      position = MessageIds.decode(header.messageId()).physicalOffset();
    } catch (IllegalArgumentException e) {
      request.answer(ResponseCode.INVALID_PARAMETER, String.valueOf(e.getMessage()));
      return;
    }
    String logGroup = session.logGroup();
    withMember(
        request,
        header.consumerGroup(),
        header.clientId(),
        () ->
            leaders.tellPart(
                logGroup,
                Part.RECORDS,
                new ReadRecord(
                    position, reply -> onRecord(request, header.from(logGroup), reply))));
  }

  /** Opens the exchange for as long as the consumer may take. */
  private static boolean mayBegin(ClientSession session, Exchange request) {
    boolean mayWait = session.connection().mayWait();
    session.begin(request, LIMIT.toMillis());
    if (!mayWait) {
      Refusals.PULLS_WAITING.answer(request);
    }
    return mayWait;
  }

  /** Goes on once it is known that the consumer is a member. On any thread. */
  private void withMember(Exchange request, String group, String clientId, Runnable step) {
    if (CatalogRules.groupNameRefusal(group) != null || groups.known(group) == null) {
      request.answer(
          ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the group " + group + " does not exist");
      return;
    }
    leaders.tellGroup(
        group, new GetMembers(reply -> onMembers(request, group, clientId, reply, step)));
  }

  private static void onMembers(
      Exchange request, String group, String clientId, MembersReply reply, Runnable step) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else if (reply instanceof Members members && !members.clientIds().contains(clientId)) {
      request.answer(
          ResponseCode.SYSTEM_ERROR, "the consumer " + group + " " + clientId + " is not online");
    } else {
      step.run();
    }
  }

  private void onRecord(Exchange request, ConsumeDirectlyRequestHeader header, RecordReply reply) {
    if (reply instanceof RecordFound found) {
      try (LogSlice record = found.slice()) {
        ByteBuffer bytes = record.bytes();
        if (Names.isHidden(MessageRecord.topic(bytes, bytes.position()))) {
          noMessage(request, header);
        } else {
          byte[] copy = new byte[bytes.remaining()];
          bytes.get(copy);
          ask(request, header.clientId(), header, copy);
        }
      }
    } else if (reply instanceof NoRecord none) {
      switch (none) {
        case NO_SUCH_RECORD -> noMessage(request, header);
        case READ_FAILED -> Refusals.READ_FAILED.answer(request);
        case NOT_LEADING -> Refusals.NOT_LEADING.answer(request);
      }
    }
  }

  private static void noMessage(Exchange request, ConsumeDirectlyRequestHeader header) {
    request.answer(
        ResponseCode.SYSTEM_ERROR, "the id " + header.messageId() + " names no message here");
  }

  private void ask(Exchange request, String clientId, CommandHeader header, byte[] body) {
    ClientSession client = clients.find(clientId);
    if (client == null) {
      others.send(
          Whom.client(clientId),
          ForClient.question(request.requestCode(), header, body),
          new Elsewhere(request, clientId));
    } else {
      client
          .connection()
          .ask(
              request.requestCode(),
              header,
              Unpooled.wrappedBuffer(body),
              LIMIT,
              reply -> passOn(request, client.toString(), reply));
    }
  }

  /** What became of a question to a consumer of another node. */
  private record Elsewhere(Exchange request, String clientId) implements OtherNodes.Receiver {
    @Override
    public void notFound() {
      request.answer(
          ResponseCode.SYSTEM_ERROR,
          "the consumer " + clientId + " is not connected to any node that can be reached");
    }

    @Override
    public void answered(RemotingCommand answer) {
      if (answer.code() == ResponseCode.SUCCESS) {
        request.answer(CommandHeader.NONE, answer.body().retain());
      } else {
        request.answer(answer.code(), answer.remark());
      }
    }

    @Override
    public void lost() {
      request.answer(
          ResponseCode.CONSUME_MSG_TIMEOUT,
          "the node that the consumer " + clientId + " is connected to did not answer");
    }
  }

  /** Answers as the client did. */
  static void passOn(Exchange request, String client, ClientReply reply) {
    if (reply instanceof Answered answered) {
      if (answered.code() == ResponseCode.SUCCESS) {
        request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(answered.body()));
      } else {
        request.answer(answered.code(), answered.remark());
      }
    } else if (reply instanceof Unanswered unanswered) {
      switch (unanswered) {
        case TOO_LATE ->
            request.answer(
                ResponseCode.CONSUME_MSG_TIMEOUT,
                "the consumer " + client + " did not answer in " + LIMIT.toSeconds() + " s");
        case CLOSED ->
            request.answer(
                ResponseCode.SYSTEM_ERROR, "the consumer " + client + " closed its connection");
        case TOO_MANY ->
            request.answer(
                ResponseCode.SYSTEM_BUSY,
                "as many questions to the consumer " + client + " are under way as may be");
        case NOT_READING ->
            request.answer(
                ResponseCode.SYSTEM_ERROR,
                "the consumer " + client + " does not read what it is sent");
      }
    }
  }
}
