package io.sampo.routing.request;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.transaction.HalfMessage;
import io.sampo.actors.transaction.TransactionRequests.HalfReply;
import io.sampo.actors.transaction.TransactionRequests.HalfStored;
import io.sampo.actors.transaction.TransactionRequests.NotStored;
import io.sampo.actors.transaction.TransactionRequests.StoreHalf;
import io.sampo.actors.transaction.TransactionRequests.StoredBefore;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.SysFlag;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends of half messages: stored by the log group's transaction checker, out of every consumer's
 * sight, and answered like other sends but with the number among the half messages.
 */
final class HalfSends {
  private final LeaderCache leaders;

  HalfSends(LeaderCache leaders) {
    this.leaders = leaders;
  }

  /** True for a send that says something about a transaction. */
  static boolean isTransactional(SendRequestHeader header) {
    return (header.sysFlag() & SysFlag.TRANSACTION_MASK) != 0;
  }

  /** Why such a send can't be a half message, or null. */
  static @Nullable String problem(SendRequestHeader header, boolean batch, boolean oneway) {
    if ((header.sysFlag() & SysFlag.TRANSACTION_MASK) != SysFlag.PREPARED) {
      return "a send begins a transaction, it can't end one";
    }
    if (batch) {
      return "a batch can't be part of a transaction";
    }
    if (oneway) {
      return "a half message needs an answer, so it can't be sent one-way";
    }
    byte[] properties = header.properties() == null ? new byte[0] : header.properties();
    long scanned = SendProperties.scan(properties);
    if ((scanned & SendProperties.TRANSACTIONAL) == 0) {
      return "a half message has the property TRAN_MSG";
    }
    if ((scanned & SendProperties.DELAYED) != 0) {
      return "a message can't be both delayed and part of a transaction";
    }
    if (MessageProperties.find(properties, HalfMessage.PRODUCER_GROUP) == null) {
      return "a half message names its producer group in the property PGROUP";
    }
    return null;
  }

  /**
   * Stores the half message of a send whose body was taken.
   *
   * @param queue where it goes when it is committed
   */
  void store(SendExchange send, QueueKey queue) {
    SendRequestHeader header = send.header();
    byte[] properties = header.properties() == null ? new byte[0] : header.properties();
    String transactionId = MessageProperties.find(properties, MessageProperties.UNIQUE_KEY);
    if (transactionId == null) {
      send.unrecognised();
    }
    if (send.isLost()) {
      send.refuse(Refusals.LEADER_LOST);
      return;
    }
    ByteBuffer body = send.body().nioBuffer();
    MessageDraft half;
    try {
      half =
          HalfMessage.toHalf(
              MessageDraft.to(queue)
                  .flags(header.flag(), header.sysFlag())
                  .born(header.bornTimestampMs(), send.client())
                  .storeHost(send.broker().storeHost())
                  .reconsumeTimes(header.reconsumeTimes())
                  .body(body, BodyCrc.of(body))
                  .properties(
                      SendProperties.withRegion(properties), MessageProperties.tagHash(properties))
                  .mayBeStored(send.mayBeDone())
                  .onRelease(send)
                  .build());
    } catch (IllegalArgumentException e) {
      send.refuse(ResponseCode.MESSAGE_ILLEGAL, String.valueOf(e.getMessage()));
      return;
    }
    send.draft(queue, 1);
    send.keep();
    leaders.tellPart(
        send.broker().name(),
        LogGroup.Part.TRANSACTIONS,
        new StoreHalf(half, send.isRecognised(), reply -> onReply(send, transactionId, reply)));
  }

  private static void onReply(SendExchange send, @Nullable String transactionId, HalfReply reply) {
    if (reply instanceof HalfStored stored) {
      send.answerHalf(transactionId, stored.offset(), stored.position());
    } else if (reply instanceof StoredBefore before) {
      send.answerEarlierHalf(transactionId, before.offset(), before.position(), before.queueId());
    } else if (reply instanceof NotStored refused) {
      send.onRefused(refused.reason());
    } else if (reply == TransactionRefused.NOT_LEADING) {
      send.onRefused(AppendRefused.NOT_LEADING);
    } else if (reply instanceof TransactionRefused refused) {
      send.onRefused(Refusals.of(refused));
    }
  }
}
