package io.sampo.routing.request;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.transaction.TransactionRequests.EndHalf;
import io.sampo.actors.transaction.TransactionRequests.EndReply;
import io.sampo.actors.transaction.TransactionRequests.NotStored;
import io.sampo.actors.transaction.TransactionRequests.Outcome;
import io.sampo.actors.transaction.TransactionRequests.ResumeChecks;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.record.MessageIds;
import io.sampo.record.SysFlag;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.EndTransactionRequestHeader;
import io.sampo.wire.header.ResumeCheckRequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of half messages: their end (37), and that a parked one is asked about again (323).
 *
 * <p>An end goes to the log group that its broker name says, because a client answers a question
 * (39) to the address that the question came from, and that may be another log group's port. A name
 * that is unknown or missing leaves it to the port.
 */
final class TransactionHandler implements RequestHandler {
  private final Brokers brokers;
  private final LeaderCache leaders;

  TransactionHandler(Brokers brokers, LeaderCache leaders) {
    this.brokers = brokers;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.END_TRANSACTION -> end(session, command);
      case RequestCode.RESUME_CHECK_HALF_MESSAGE -> resume(session, command);
      default -> throw new IllegalArgumentException("not about transactions: " + command.code());
    }
  }

  private void end(ClientSession session, RemotingCommand command) {
    EndTransactionRequestHeader header = EndTransactionRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    Outcome outcome;
    switch (header.outcome()) {
      case SysFlag.COMMIT -> outcome = Outcome.COMMIT;
      case SysFlag.ROLLBACK -> outcome = Outcome.ROLLBACK;
      case 0 -> {
        request.answer(CommandHeader.NONE); // still undecided, as before
        return;
      }
      default -> {
        request.answer(
            ResponseCode.INVALID_PARAMETER,
            "a transaction ends with 8 (commit) or 12 (rollback), not with " + header.outcome());
        return;
      }
    }
    leaders.tellPart(
        logGroup(session, header.brokerName()),
        LogGroup.Part.TRANSACTIONS,
        new EndHalf(
            header.halfOffset(),
            header.halfPosition(),
            header.producerGroup(),
            outcome,
            reply -> onReply(request, reply)));
  }

  private String logGroup(ClientSession session, @Nullable String brokerName) {
    return brokerName != null && brokers.logGroups().contains(brokerName)
        ? brokerName
        : session.logGroup();
  }

  private void resume(ClientSession session, RemotingCommand command) {
    ResumeCheckRequestHeader header = ResumeCheckRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    long position;
    try {
      position = MessageIds.decode(header.messageId()).physicalOffset();
    } catch (IllegalArgumentException e) {
      request.answer(ResponseCode.INVALID_PARAMETER, String.valueOf(e.getMessage()));
      return;
    }
    leaders.tellPart(
        session.logGroup(),
        LogGroup.Part.TRANSACTIONS,
        new ResumeChecks(position, reply -> onReply(request, reply)));
  }

  private static void onReply(Exchange request, EndReply reply) {
    if (reply instanceof NotStored refused) {
      answer(request, Refusals.of(refused.reason()));
    } else if (reply instanceof TransactionRefused refused) {
      answer(request, Refusals.of(refused));
    } else {
      request.answer(CommandHeader.NONE);
    }
  }

  private static void answer(Exchange request, Refusals refusal) {
    refusal.answer(request);
  }
}
