package io.sampo.cluster.serialization;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;

/**
 * How a control message of any type is written inside another one: as an array of its serializer's
 * id, its manifest and its bytes. So an envelope needs no list of what it may hold.
 */
public final class Enclosed {
  private Enclosed() {}

  /** Writes the message. */
  public static final class Writer extends JsonSerializer<ControlMessage> {
    @Override
    public void serialize(ControlMessage message, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      Serializer serializer = serialization().findSerializerFor(message);
      out.writeStartArray();
      out.writeNumber(serializer.identifier());
      out.writeString(Serializers.manifestFor(serializer, message));
      out.writeBinary(serializer.toBinary(message));
      out.writeEndArray();
    }
  }

  /** Reads it back. */
  public static final class Reader extends JsonDeserializer<ControlMessage> {
    @Override
    public ControlMessage deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      require(in.isExpectedStartArrayToken());
      require(in.nextToken() == JsonToken.VALUE_NUMBER_INT);
      int serializerId = in.getIntValue();
      require(in.nextToken() == JsonToken.VALUE_STRING);
      String manifest = in.getText();
      require(in.nextToken() == JsonToken.VALUE_EMBEDDED_OBJECT);
      byte[] bytes = in.getBinaryValue();
      require(in.nextToken() == JsonToken.END_ARRAY);
      Object message = serialization().deserialize(bytes, serializerId, manifest).get();
      require(message instanceof ControlMessage);
      return (ControlMessage) message;
    }

    private static void require(boolean condition) throws IOException {
      if (!condition) {
        throw new IOException("not a control message inside another one");
      }
    }
  }

  /** That of the actor system which is writing or reading now. */
  private static Serialization serialization() {
    return SerializationExtension.get(Serialization.getCurrentTransportInformation().system());
  }
}
