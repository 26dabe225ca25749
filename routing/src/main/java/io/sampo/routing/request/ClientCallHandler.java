package io.sampo.routing.request;

import io.netty.buffer.ByteBuf;
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
 * <p>The consumer has to be a member of the group and connected to this node. It has {@link #LIMIT}
 * to answer; one that consumes a message for longer may still do so when the tool was told that it
 * took too long.
 */
final class ClientCallHandler implements RequestHandler {
  /** As RocketMQ; mqadmin waits a little longer. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Groups groups;
  private final LeaderCache leaders;
  private final ConnectedClients clients;

  ClientCallHandler(Groups groups, LeaderCache leaders, ConnectedClients clients) {
    this.groups = groups;
    this.leaders = leaders;
    this.clients = clients;
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
    Exchange request = new Exchange(session.connection(), command);
    if (mayBegin(session, request)) {
      withMember(
          request,
          header.consumerGroup(),
          header.clientId(),
          client -> ask(request, client, header, Unpooled.EMPTY_BUFFER));
    }
  }

  private void consume(ClientSession session, RemotingCommand command) {
    ConsumeDirectlyRequestHeader header = ConsumeDirectlyRequestHeader.read(command.fields());
    Exchange request = new Exchange(session.connection(), command);
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
        client ->
            leaders.tellPart(
                logGroup,
                Part.RECORDS,
                new ReadRecord(
                    position, reply -> onRecord(request, client, header.from(logGroup), reply))));
  }

  /** Opens the exchange for as long as the consumer may take. */
  private static boolean mayBegin(ClientSession session, Exchange request) {
    boolean mayWait = session.connection().mayWait();
    session.begin(request, LIMIT.toMillis());
    if (!mayWait) {
      request.answer(Refusals.PULLS_WAITING.code(), Refusals.PULLS_WAITING.remark());
    }
    return mayWait;
  }

  /** What is done with the consumer once it is found. Any thread. */
  private interface Step {
    void with(ClientSession client);
  }

  private void withMember(Exchange request, String group, String clientId, Step step) {
    if (CatalogRules.groupNameRefusal(group) != null || groups.known(group) == null) {
      request.answer(
          ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the group " + group + " does not exist");
      return;
    }
    leaders.tellGroup(
        group, new GetMembers(reply -> onMembers(request, group, clientId, reply, step)));
  }

  private void onMembers(
      Exchange request, String group, String clientId, MembersReply reply, Step step) {
    if (reply instanceof GroupRefused refused) {
      if (refused == GroupRefused.NOT_LEADING) {
        leaders.forgetGroup(group);
      }
      Refusals refusal = Refusals.of(refused);
      request.answer(refusal.code(), refusal.remark());
    } else if (reply instanceof Members members && !members.clientIds().contains(clientId)) {
      request.answer(
          ResponseCode.SYSTEM_ERROR, "the consumer " + group + " " + clientId + " is not online");
    } else {
      ClientSession client = clients.find(clientId);
      if (client == null) {
        request.answer(
            ResponseCode.SYSTEM_ERROR,
            "the consumer " + group + " " + clientId + " is not connected to this node");
      } else {
        step.with(client);
      }
    }
  }

  private static void onRecord(
      Exchange request,
      ClientSession client,
      ConsumeDirectlyRequestHeader header,
      RecordReply reply) {
    if (reply instanceof RecordFound found) {
      try (LogSlice record = found.slice()) {
        ByteBuffer bytes = record.bytes();
        if (Names.isHidden(MessageRecord.topic(bytes, bytes.position()))) {
          noMessage(request, header);
        } else {
          ask(request, client, header, Unpooled.copiedBuffer(bytes));
        }
      }
    } else if (reply instanceof NoRecord none) {
      switch (none) {
        case NO_SUCH_RECORD -> noMessage(request, header);
        case READ_FAILED -> refuse(request, Refusals.READ_FAILED);
        case NOT_LEADING -> refuse(request, Refusals.NOT_LEADING);
      }
    }
  }

  private static void noMessage(Exchange request, ConsumeDirectlyRequestHeader header) {
    request.answer(
        ResponseCode.SYSTEM_ERROR, "the id " + header.messageId() + " names no message here");
  }

  private static void refuse(Exchange request, Refusals refusal) {
    request.answer(refusal.code(), refusal.remark());
  }

  private static void ask(
      Exchange request, ClientSession client, CommandHeader header, ByteBuf body) {
    client
        .connection()
        .ask(request.requestCode(), header, body, LIMIT, reply -> passOn(request, client, reply));
  }

  private static void passOn(Exchange request, ClientSession client, ClientReply reply) {
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
