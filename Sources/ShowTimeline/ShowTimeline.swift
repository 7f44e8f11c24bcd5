// ShowTimeline
