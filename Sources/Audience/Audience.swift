// Audience
